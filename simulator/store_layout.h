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

enum class FloorZoneKind { kShelf, kCheckout, kExit, kRestricted };

/// A region of the floor.
struct FloorZone {
  std::string id;
  FloorZoneKind kind = FloorZoneKind::kShelf;
  FloorRect floor;
};

struct StoreLayout {
  static StoreLayout Create(Random random);

  /// Way on the floor around the furniture, without `from`, with `to`. Straight where nothing is
  /// in the way; also straight where no way exists.
  std::vector<Vec3> FindPath(Vec3 from, Vec3 to) const;
  /// `position` pushed out of furniture and walls, `margin` metres away from them.
  Vec3 PushOut(Vec3 position, float margin) const;

  FloorRect room;
  std::vector<Shelf> shelves;
  /// Shelves, gondola and counter.
  std::vector<FloorRect> furniture;
  FloorRect counter;
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
