// The floor plan of a simulated store: shelves, where people stand, walk and must not be.
//
//        y                 restricted
//        │ ┌──── back shelf ────┐ ▒▒▒▒
//        │ │                      ▒▒▒▒
//        │ │      ┌───┐           │ right
//        │ left   │ g │ gondola   │ shelf
//        │ shelf  └───┘           │
//        │                    checkout
//        └────── entrance, exit ─────────── x        (half of the stores are mirrored)
//
// Built once per seed, then constant and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "simulator/random.h"
#include "simulator/vec3.h"

namespace aislewatch::simulator {

/// A piece of furniture as seen from above, in metres.
struct FloorRect {
  float x0 = 0;
  float y0 = 0;
  float x1 = 0;
  float y1 = 0;
};

/// A shelf with one open side. The two sides of a gondola are two shelves.
struct Shelf {
  FloorRect floor;
  float height = 2;
  /// Direction that the open side looks in, radians.
  float facing = 0;
  int levels = 5;
};

/// A place in front of a shelf.
struct StandSpot {
  Vec3 position;
  /// Direction of the shelf, radians.
  float towards_shelf = 0;
  int shelf = 0;
};

enum class FloorZoneKind { kShelf, kCheckout, kExit, kRestricted, kStorefront };

/// A region of the floor.
struct FloorZone {
  std::string id;
  FloorZoneKind kind = FloorZoneKind::kShelf;
  FloorRect floor;
};

/// A wall between rooms, from the floor up.
struct Wall {
  FloorRect floor;
  float height = 1;
};

/// A shop at a corridor, open to it: what is looked at, and the floor in front of it within the shop.
struct Bay {
  /// Index into zones.
  size_t zone = 0;
  /// A place in front of the goods.
  Vec3 inside;
  /// Where the corridor begins, and which way the goods lie from there: -1 or 1 along x.
  float edge_x = 0;
  float side = 1;
  /// The middle of the goods, at eye level.
  Vec3 goods;
};

struct StoreLayout {
  static StoreLayout Create(Random random);
  /// A corridor of a shopping centre that people pass in both directions, with shops on both sides.
  static StoreLayout CreateStorefronts(Random random);

  /// Way on the floor around the furniture, without `from`, with `to`. Straight where nothing is
  /// in the way; also straight where no way exists.
  std::vector<Vec3> FindPath(Vec3 from, Vec3 to) const;
  /// `position` pushed out of furniture and walls, `margin` metres away from them.
  Vec3 PushOut(Vec3 position, float margin) const;

  FloorRect room;
  std::vector<Shelf> shelves;
  /// Shelves, gondola and counter.
  std::vector<FloorRect> furniture;
  /// Empty where nothing is paid.
  FloorRect counter;
  std::vector<Wall> walls;
  /// By their place along the corridor; empty in a store.
  std::vector<Bay> bays;
  std::vector<Vec3> waypoints;
  std::vector<StandSpot> spots;
  std::vector<FloorZone> zones;
  /// Below the camera, out of the picture.
  Vec3 entrance;
  Vec3 exit;
  Vec3 checkout;
  Vec3 restricted;
  /// Open floor where people meet, loiter or fight.
  std::vector<Vec3> open_floor;

 private:
  void PlaceShelves(Random& random);
  void PlaceSpots();
  void Mirror();
  bool Free(Vec3 from, Vec3 to) const;
};

/// Whether `p` lies in the rectangle.
bool Contains(const FloorRect& rect, Vec3 p);

}  // namespace aislewatch::simulator
