#include "simulator/holding.h"

namespace aislewatch::simulator {
namespace {

/// Where the hand is, in the body's own frame.
Vec3 HandPlace(HeldObject object, const BodyShape& shape, int side, Random& random) {
  const float h = shape.height;
  const float sign = SideSign(side);
  const auto near = [&](float forward, float left, float up) {
    return Vec3{(forward + random.Uniform(-0.06f, 0.06f)) * h,
                sign * (left + random.Uniform(-0.06f, 0.06f)) * h,
                (up + random.Uniform(-0.06f, 0.06f)) * h};
  };
  const float way = random.Unit();
  if (way < 0.25f) return HangingHand(shape, side) + near(0.03f, 0.01f, 0.02f);
  if (way < 0.5f) return near(0.2f, 0.1f, 0.62f);  // In front of the belly.
  switch (object) {
    case HeldObject::kKnife:
      return way < 0.75f ? near(0.3f, 0.08f, 0.68f) : near(0.12f, 0.18f, 0.98f);
    case HeldObject::kPistol:
      return way < 0.9f ? near(0.32f, 0.03f, 0.8f) : near(0.1f, 0.18f, 0.95f);
    case HeldObject::kPhone:
      return way < 0.75f ? near(0.18f, 0.05f, 0.75f) : near(0.04f, 0.09f, 0.92f);
    case HeldObject::kBottle:
      return way < 0.75f ? near(0.25f, 0.1f, 0.7f) : near(0.1f, 0.06f, 0.88f);
    case HeldObject::kUmbrella:
      return way < 0.75f ? near(0.28f, 0.08f, 0.65f) : near(0.1f, 0.15f, 0.9f);
  }
  return HangingHand(shape, side);
}

float GripAngle(HeldObject object, Random& random) {
  switch (object) {
    case HeldObject::kKnife:
    case HeldObject::kUmbrella:
      return random.Uniform(0.1f, 1.7f);
    case HeldObject::kPistol:
      return random.Uniform(-0.2f, 0.35f);
    case HeldObject::kPhone:
      return random.Uniform(0.2f, 1.6f);
    case HeldObject::kBottle:
      return random.Uniform(0.9f, 1.9f);
  }
  return 0;
}

}  // namespace

Hold DrawHold(HeldObject object, const BodyShape& shape, Random& random) {
  Hold hold;
  hold.object = object;
  hold.hand = random.Chance(0.75f) ? kRight : kLeft;
  hold.place = HandPlace(object, shape, hold.hand, random);
  hold.grip_angle = GripAngle(object, random);
  hold.grip_roll = random.Uniform(-0.6f, 0.6f);
  return hold;
}

Grip GripOf(const Hold& hold, const Skeleton& s) {
  const Vec3 forearm = Normalized(s.palm[hold.hand] - s.elbow[hold.hand], {0, 0, -1});
  // A hanging arm has its fist's upper side in front, a stretched one above.
  const Vec3 towards = s.chest_forward * 0.6f + kUp;
  const Vec3 upper = Rotate(Normalized(towards - forearm * Dot(towards, forearm), s.chest_forward),
                            forearm, hold.grip_roll);
  const float c = std::cos(hold.grip_angle);
  const float sn = std::sin(hold.grip_angle);
  Grip grip;
  grip.palm = s.palm[hold.hand];
  grip.axis = forearm * c + upper * sn;
  grip.down = forearm * sn - upper * c;
  return grip;
}

}  // namespace aislewatch::simulator
