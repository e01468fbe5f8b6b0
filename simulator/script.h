// What somebody does in the store from coming in to leaving, written down before they come.
//
// Pure functions of the layout and a random generator.
#pragma once

#include <optional>
#include <vector>

#include "simulator/body_mesh.h"
#include "simulator/gestures.h"
#include "simulator/held_objects.h"
#include "simulator/store_layout.h"

namespace aislewatch::simulator {

/// Why somebody comes.
enum class VisitKind {
  kBrowse,
  kBuy,
  kPutBack,
  kConcealInClothes,
  kConcealInBag,
  kLoiter,
  kRestricted,
  kFight,
  /// One act after another at one shelf, as no shopper would: training footage that wastes no frame.
  kRehearsal,
  /// Somebody who passes shops in a corridor; only where the layout has bays.
  kWindowShop,
  /// Threatens with a knife or a pistol.
  kArmed,
  /// Brings out a phone, a bottle or an umbrella: what a weapon has to be told from.
  kLookAlike
};
inline constexpr int kVisitKindCount = 12;

/// One step of a visit.
struct Phase {
  Activity activity = Activity::kWalk;
  /// How long; for kWalk and kMeet the longest time before giving up.
  float seconds = 1;
  /// For kWalk the goal, for the others where to stay.
  Vec3 where;
  /// Where to look while standing, radians.
  float yaw = 0;
  int variant = 0;
  int hand = kRight;
  /// For kTake and kReturn: where the item stands, in the world.
  Vec3 shelf_point;
  /// The layout's zone that is looked at all the while, also while walking, and the point there.
  std::optional<size_t> look_zone;
  Vec3 look_point;
};

/// A visit and what comes with it.
struct Visit {
  VisitKind kind = VisitKind::kBrowse;
  std::vector<Phase> phases;
  HeldItem item;
  /// Whether a shopping basket is carried, in the hand that holds no items.
  bool basket = false;
  int hand = kRight;
  /// What is brought, for kHoldUp.
  std::optional<HeldObject> brings;
  /// Where they come in, and facing which way; unset means at the entrance.
  std::optional<Vec3> start;
  float start_yaw = kPi / 2;
};

/// The places that a script may use: those that the camera sees well.
struct Stage {
  const StoreLayout* layout = nullptr;
  Vec3 camera;
  std::vector<StandSpot> spots;
  std::vector<Vec3> open_floor;
};

/// A phase in front of `spot`, its length drawn from what people take for it.
Phase PhaseAt(const Stage& stage, Activity activity, const StandSpot& spot, int hand,
              Random& random);

/// A thing from the shelves.
HeldItem RandomItem(Random& random);

/// Somebody who passes the shops of a corridor: most pass by, some look while they walk, some stop and look,
/// or stop for their phone, and some go in.
Visit WriteWindowShopping(const Stage& stage, Random& random);

/// `loiter_s`: least length of a stay that counts as loitering. `meeting_point` is where a fight
/// takes place; unused otherwise. Stages must have at least one spot and one piece of open floor.
Visit WriteVisit(const Stage& stage, VisitKind kind, float loiter_s, Vec3 meeting_point,
                 Random& random);

}  // namespace aislewatch::simulator
