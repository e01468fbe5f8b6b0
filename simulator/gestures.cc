#include "simulator/gestures.h"

namespace aislewatch::simulator {
namespace {

// 1 within from..to, 0 well outside, smooth at both ends.
float Window(float from, float to, float edge, float value) {
  return SmoothStep(from - edge, from, value) * (1 - SmoothStep(to, to + edge, value));
}

Vec3 Body(const BodyShape& shape, float forward, float left, float up) {
  return {forward * shape.height, left * shape.height, up * shape.height};
}

GestureTargets Rest(const BodyShape& shape, const GestureInput& in) {
  GestureTargets t;
  for (const int side : {kLeft, kRight}) t.hands[side] = HangingHand(shape, side);
  if (in.holding) {
    t.hands[in.hand] = Body(shape, 0.15f, SideSign(in.hand) * 0.11f, 0.60f);
  }
  t.lean_left = 0.02f * std::sin(0.7f * in.seconds + in.personal_phase);
  t.bag = HangingBag(shape);
  return t;
}

// Bends knees and back as far as the shelf point's height asks.
void StoopFor(const BodyShape& shape, float height, float amount, GestureTargets& t) {
  const float low = std::clamp((0.62f * shape.height - height) / (0.5f * shape.height), 0.0f, 1.0f);
  t.lean_forward += amount * (0.14f + 0.75f * low);
  t.crouch += amount * 0.17f * shape.height * low;
}

void Look(const GestureInput& in, GestureTargets& t) {
  t.head_yaw = 0.55f * std::sin(0.9f * in.seconds + in.personal_phase);
  t.head_pitch = 0.18f + 0.22f * std::sin(0.61f * in.seconds + 2 * in.personal_phase);
}

// From the chest to the shelf and back; `reach` is 1 at the shelf.
void Reach(const BodyShape& shape, const GestureInput& in, float reach, GestureTargets& t) {
  const float sign = SideSign(in.hand);
  const Vec3 chest = Body(shape, 0.19f, sign * 0.05f, 0.66f);
  t.hands[in.hand] = Lerp(in.holding ? chest : t.hands[in.hand], in.shelf_point, reach);
  StoopFor(shape, in.shelf_point.z, reach, t);
  t.twist = -sign * 0.28f * reach;
  t.head_pitch = Lerp(0.3f, 0.6f * (1.45f - in.shelf_point.z), reach);
}

void Examine(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float sign = SideSign(in.hand);
  const float turn = std::sin(2.1f * in.seconds + in.personal_phase);
  const float up = in.variant == 2 ? 0.76f : 0.69f;
  t.hands[in.hand] = Body(shape, 0.19f, sign * 0.025f + 0.014f * turn, up + 0.008f * turn);
  if (in.variant != 1) {
    const int other = 1 - in.hand;
    t.hands[other] = Body(shape, 0.19f, -sign * 0.03f + 0.01f * turn, up - 0.012f);
  }
  t.head_pitch = 0.5f;
  t.head_yaw = 0.06f * turn;
  t.lean_forward = 0.06f;
}

// Eyes that look for witnesses.
void GlanceAround(const GestureInput& in, GestureTargets& t) {
  t.head_yaw = 0.95f * std::sin(3.1f * in.seconds + in.personal_phase);
  t.head_pitch = 0.12f;
}

void ConcealInClothes(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float sign = SideSign(in.hand);
  const int other = 1 - in.hand;
  // Approach, stuff (two pushes), leave.
  const float in_place = Window(0.3f, 0.8f, 0.22f, in.progress);
  const float push = 0.02f * std::sin(9 * in.seconds) * Window(0.4f, 0.75f, 0.05f, in.progress);
  const Vec3 start = Body(shape, 0.19f, sign * 0.04f, 0.66f);
  const Vec3 away = in.progress < 0.5f ? start : t.hands[in.hand];
  Vec3 goal;
  switch (in.variant) {
    case 0:  // inside the jacket, the other hand lifts its side
      goal = Body(shape, 0.075f, -sign * 0.055f, 0.645f - push);
      t.hands[other] = Lerp(t.hands[other], Body(shape, 0.135f, -sign * 0.105f, 0.70f), in_place);
      break;
    case 1:  // trouser pocket
      goal = Body(shape, 0.045f, sign * 0.095f, 0.485f - push);
      break;
    case 2:  // front of the waistband, the other hand lifts the hem
      goal = Body(shape, 0.085f, -sign * 0.005f, 0.545f - push);
      t.hands[other] = Lerp(t.hands[other], Body(shape, 0.125f, -sign * 0.05f, 0.585f), in_place);
      break;
    default:  // back of the waistband
      goal = Body(shape, -0.085f, sign * 0.03f, 0.55f - push);
      t.twist = sign * 0.3f * in_place;
      break;
  }
  t.hands[in.hand] = Lerp(away, goal, in_place);
  GlanceAround(in, t);
  const float peek = Window(0.35f, 0.6f, 0.1f, in.progress);
  t.head_pitch = Lerp(t.head_pitch, 0.5f, peek);
  t.head_yaw *= 1 - peek;
  t.lean_forward = 0.12f * in_place;
  t.crouch = 0.015f * shape.height * in_place;
}

void ConcealInBag(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float sign = SideSign(in.hand);
  const int other = 1 - in.hand;
  const float side = SideSign(shape.bag_side);
  const float open = Window(0.22f, 0.85f, 0.18f, in.progress);
  const float inside = Window(0.48f, 0.74f, 0.16f, in.progress);
  const float push = 0.025f * std::sin(8 * in.seconds) * inside;
  // The bag comes to the front; a backpack swings round under one arm.
  const Vec3 front = Body(shape, 0.125f, side * 0.085f, in.variant == 0 ? 0.56f : 0.50f);
  t.bag = Lerp(t.bag, front, open);
  const Vec3 mouth = t.bag + Body(shape, 0, 0, 0.085f);
  t.hands[other] = Lerp(t.hands[other], mouth + Body(shape, -0.02f, -sign * 0.075f, 0.0f), open);
  const Vec3 chest = Body(shape, 0.19f, sign * 0.05f, 0.68f);
  const Vec3 above = mouth + Body(shape, 0.02f, 0, 0.09f);
  const Vec3 deep = mouth + Body(shape, 0.0f, 0, -0.03f - push);
  const Vec3 away = in.progress < 0.5f ? chest : t.hands[in.hand];
  t.hands[in.hand] = Lerp(Lerp(away, above, open), deep, inside);
  t.head_pitch = Lerp(0.2f, 0.62f, open);
  t.head_yaw = 0.3f * side * open + 0.7f * (1 - open) * std::sin(3 * in.seconds);
  t.lean_forward = 0.2f * open;
  t.lean_left = 0.1f * side * open;
}

void PutInBasket(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float sign = SideSign(in.hand);
  const float down = Window(0.4f, 0.65f, 0.3f, in.progress);
  const Vec3 basket = Body(shape, 0.07f, -sign * 0.15f, 0.40f);
  t.hands[in.hand] = Lerp(t.hands[in.hand], basket, down);
  t.hands[1 - in.hand] += Body(shape, 0.05f, 0, 0.02f) * down;
  t.lean_forward = 0.3f * down;
  t.lean_left = -sign * 0.16f * down;
  t.head_pitch = 0.2f + 0.45f * down;
  t.head_yaw = -sign * 0.4f * down;
}

void Phone(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float sign = SideSign(in.hand);
  const float up = Window(0.12f, 0.9f, 0.1f, in.progress);
  const Vec3 pocket = Body(shape, 0.03f, sign * 0.1f, 0.50f);
  const Vec3 read = in.variant == 0 ? Body(shape, 0.17f, sign * 0.03f, 0.70f)
                                    : Body(shape, 0.045f, sign * 0.065f, 0.885f);
  t.hands[in.hand] = Lerp(pocket, read, up);
  t.head_pitch = in.variant == 0 ? 0.5f * up : 0.1f;
  t.head_yaw = in.variant == 0 ? 0 : 0.3f * std::sin(0.8f * in.seconds);
}

void HandsInPockets(const BodyShape& shape, GestureTargets& t) {
  for (const int side : {kLeft, kRight}) {
    t.hands[side] = Body(shape, 0.045f, SideSign(side) * 0.1f, 0.52f);
  }
}

void Loiter(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  Look(in, t);
  t.head_yaw *= 1.7f;
  t.head_pitch = 0.1f;
  if (in.variant == 1) HandsInPockets(shape, t);
  if (in.variant == 2) {  // arms folded
    t.hands[kLeft] = Body(shape, 0.12f, -0.07f, 0.69f);
    t.hands[kRight] = Body(shape, 0.14f, 0.07f, 0.67f);
  }
}

void Pay(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float out = 0.5f + 0.5f * std::sin(1.5f * in.seconds + in.personal_phase);
  t.hands[in.hand] = Body(shape, 0.14f + 0.12f * out, SideSign(in.hand) * 0.08f, 0.60f);
  t.head_pitch = 0.35f;
}

void HoldUp(const BodyShape& shape, const GestureInput& in, GestureTargets& t) {
  const float up = Window(0.12f, 0.9f, 0.1f, in.progress);
  const Vec3 pocket = Body(shape, 0.03f, SideSign(in.hand) * 0.1f, 0.50f);
  const float sway = 0.012f * std::sin(1.9f * in.seconds + in.personal_phase);
  t.hands[in.hand] = Lerp(pocket, in.hold_place + Body(shape, sway, 0.6f * sway, sway), up);
  t.head_yaw = 0.2f * std::sin(0.8f * in.seconds + in.personal_phase);
}

void Guard(const BodyShape& shape, GestureTargets& t) {
  for (const int side : {kLeft, kRight}) {
    t.hands[side] = Body(shape, 0.15f, SideSign(side) * 0.075f, 0.80f);
  }
  t.crouch = 0.02f * shape.height;
  t.lean_forward = 0.12f;
}

}  // namespace

Action LabelOf(Activity activity) {
  switch (activity) {
    case Activity::kTake:
      return Action::kTaking;
    case Activity::kReturn:
      return Action::kReturning;
    case Activity::kExamine:
      return Action::kExamining;
    case Activity::kConcealInClothes:
      return Action::kConcealingInClothes;
    case Activity::kConcealInBag:
      return Action::kConcealingInBag;
    case Activity::kFight:
      return Action::kFighting;
    default:
      return Action::kNormal;
  }
}

int VariantCount(Activity activity) {
  switch (activity) {
    case Activity::kConcealInClothes:
      return 4;
    case Activity::kExamine:
    case Activity::kLoiter:
      return 3;
    case Activity::kConcealInBag:
    case Activity::kPhone:
      return 2;
    default:
      return 1;
  }
}

float ItemMoment(Activity activity) {
  switch (activity) {
    case Activity::kTake:
      return 0.5f;
    case Activity::kReturn:
      return 0.5f;
    case Activity::kConcealInClothes:
      return 0.62f;
    case Activity::kConcealInBag:
      return 0.62f;
    case Activity::kPutInBasket:
      return 0.58f;
    case Activity::kPay:
      return 0.4f;
    default:
      return 2;
  }
}

Vec3 HangingBag(const BodyShape& shape) {
  const float side = SideSign(shape.bag_side);
  switch (shape.bag) {
    case BagKind::kBackpack:
      return Body(shape, -0.115f, 0, 0.70f);
    case BagKind::kTote:
      return Body(shape, 0.0f, side * 0.145f, 0.53f);
    default:
      return Body(shape, -0.01f, side * 0.135f, 0.52f);
  }
}

GestureTargets Gesture(const BodyShape& shape, const GestureInput& in) {
  GestureTargets t = Rest(shape, in);
  switch (in.activity) {
    case Activity::kWalk:
      t.head_yaw = 0.25f * std::sin(0.8f * in.seconds + in.personal_phase);
      break;
    case Activity::kLook:
      Look(in, t);
      break;
    case Activity::kTake:
      Reach(shape, in, Window(0.38f, 0.55f, 0.33f, in.progress), t);
      break;
    case Activity::kReturn:
      Reach(shape, in, Window(0.42f, 0.58f, 0.33f, in.progress), t);
      break;
    case Activity::kExamine:
      Examine(shape, in, t);
      break;
    case Activity::kConcealInClothes:
      ConcealInClothes(shape, in, t);
      break;
    case Activity::kConcealInBag:
      ConcealInBag(shape, in, t);
      break;
    case Activity::kPutInBasket:
      PutInBasket(shape, in, t);
      break;
    case Activity::kPhone:
      Phone(shape, in, t);
      break;
    case Activity::kHandsInPockets:
      HandsInPockets(shape, t);
      Look(in, t);
      break;
    case Activity::kLoiter:
      Loiter(shape, in, t);
      break;
    case Activity::kPay:
      Pay(shape, in, t);
      break;
    case Activity::kMeet:
      Look(in, t);
      break;
    case Activity::kFight:
      Guard(shape, t);
      break;
    case Activity::kHoldUp:
      HoldUp(shape, in, t);
      break;
  }
  return t;
}

}  // namespace aislewatch::simulator
