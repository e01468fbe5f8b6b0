// What a person does with hands, head and trunk at each moment of an act, as targets that the
// person's joints then follow smoothly.
//
// Pure functions of the act, its progress and the person; no state.
#pragma once

#include <array>

#include "common/roles/clip_classifier.h"
#include "simulator/body.h"

namespace aislewatch::simulator {

/// What somebody is busy with.
enum class Activity {
  kWalk,
  kLook,
  kTake,
  kExamine,
  kReturn,
  kConcealInClothes,
  kConcealInBag,
  kPutInBasket,
  kPhone,
  kHandsInPockets,
  kLoiter,
  kPay,
  kMeet,
  kFight,
  /// With a thing that was brought: a weapon, to threaten, or anything else, to use it.
  kHoldUp
};

/// The label that a classifier is to give.
Action LabelOf(Activity activity);

/// Number of ways that an activity is done; GestureInput::variant is below it.
int VariantCount(Activity activity);

struct GestureInput {
  Activity activity = Activity::kLook;
  /// How much of the activity is over, 0..1.
  float progress = 0;
  /// Since it began.
  float seconds = 0;
  int variant = 0;
  /// The hand that holds the item.
  int hand = kRight;
  /// Whether an item is in that hand.
  bool holding = false;
  /// Where on the shelf the item stands, in the body's own frame.
  Vec3 shelf_point;
  /// For kHoldUp: where the wrist shall be, in the body's own frame.
  Vec3 hold_place;
  /// Differs from person to person, 0..2 pi.
  float personal_phase = 0;
};

/// Where everything shall be. Points in the body's own frame.
struct GestureTargets {
  std::array<Vec3, 2> hands{};
  float lean_forward = 0;
  float lean_left = 0;
  float twist = 0;
  float head_yaw = 0;
  float head_pitch = 0.1f;
  float crouch = 0;
  /// Middle of the bag.
  Vec3 bag;
};

/// Where the bag hangs when nobody touches it.
Vec3 HangingBag(const BodyShape& shape);

GestureTargets Gesture(const BodyShape& shape, const GestureInput& input);

/// The progress at which the item comes into or leaves the hand in an activity; above 1 where it
/// does neither.
float ItemMoment(Activity activity);

}  // namespace aislewatch::simulator
