#include "simulator/body.h"

namespace aislewatch::simulator {
namespace {

// Lengths as fractions of the body's height (after Winter, Biomechanics of Human Movement).
constexpr float kHipHeight = 0.52f;
constexpr float kThigh = 0.245f;
constexpr float kShin = 0.243f;
constexpr float kAnkle = 0.04f;
constexpr float kSpine = 0.30f;
constexpr float kUpperArm = 0.172f;
constexpr float kForearm = 0.152f;
constexpr float kShoulderHalf = 0.112f;
constexpr float kHipHalf = 0.05f;

// The middle joint of a limb from `root` to `tip`, bent towards `hint`. Moves `tip` within reach.
Vec3 BendLimb(Vec3 root, Vec3& tip, float first, float second, Vec3 hint) {
  Vec3 axis = tip - root;
  float reach = Length(axis);
  const float longest = (first + second) * 0.995f;
  const float shortest = std::abs(first - second) + 0.05f * first;
  axis = Normalized(axis, {0, 0, -1});
  reach = std::clamp(reach, shortest, longest);
  tip = root + axis * reach;
  const float along = (first * first - second * second + reach * reach) / (2 * reach);
  const float aside = std::sqrt(std::max(0.0f, first * first - along * along));
  const Vec3 bend = Normalized(hint - axis * Dot(hint, axis), {0, 0, 1});
  return root + axis * along + bend * aside;
}

void SolveLegs(const BodyShape& shape, const BodyPose& pose, Skeleton& s) {
  const float h = shape.height;
  for (const int side : {kLeft, kRight}) {
    const float sign = SideSign(side);
    s.hip[side] = s.pelvis + s.hip_left * (sign * kHipHalf * h * shape.hips);
    const float phase = pose.stride_phase + (side == kLeft ? 0 : kPi);
    const float forward = -pose.half_step * std::cos(phase);
    const float lift = 0.25f * pose.half_step * std::max(0.0f, std::sin(phase));
    s.ankle[side] = ToWorld(pose, {forward - 0.01f, sign * 0.058f * h, kAnkle * h + lift});
    s.knee[side] = BendLimb(s.hip[side], s.ankle[side], kThigh * h, kShin * h,
                            s.hip_forward + s.hip_left * (0.15f * sign));
    const Vec3 toe_out = Rotate(s.hip_forward, {0, 0, 1}, 0.2f * sign);
    s.toe[side] = s.ankle[side] + toe_out * (0.1f * h) + Vec3{0, 0, -0.025f * h};
  }
}

void SolveArms(const BodyShape& shape, const BodyPose& pose, Skeleton& s) {
  const float h = shape.height;
  for (const int side : {kLeft, kRight}) {
    const float sign = SideSign(side);
    s.shoulder[side] = s.chest + s.chest_left * (sign * kShoulderHalf * h * shape.shoulders);
    s.wrist[side] = ToWorld(pose, pose.hands[side]);
    const Vec3 hint = s.chest_forward * -0.6f + s.chest_left * (0.45f * sign) + Vec3{0, 0, -0.7f};
    s.elbow[side] = BendLimb(s.shoulder[side], s.wrist[side], kUpperArm * h, kForearm * h, hint);
    s.palm[side] = s.wrist[side] + Normalized(s.wrist[side] - s.elbow[side]) * (0.045f * h);
  }
}

void SolveHead(const BodyShape& shape, const BodyPose& pose, Skeleton& s) {
  const float h = shape.height;
  s.neck = s.chest + s.chest_up * (0.035f * h) + s.chest_forward * (0.008f * h);
  // The head stays nearly upright when the chest leans.
  const Vec3 up = Normalized(Lerp(s.chest_up, {0, 0, 1}, 0.5f));
  const Vec3 flat = Normalized(s.chest_forward - up * Dot(s.chest_forward, up));
  const Vec3 turned = Rotate(flat, up, pose.head_yaw);
  s.head_left = Cross(up, turned);
  s.head_forward = Rotate(turned, s.head_left, pose.head_pitch);
  s.head_up = Cross(s.head_forward, s.head_left);
  s.head = s.neck + s.head_up * (0.075f * h) + s.head_forward * (0.012f * h);
  s.nose = s.head + s.head_forward * (0.06f * h) - s.head_up * (0.012f * h);
  for (const int side : {kLeft, kRight}) {
    const Vec3 out = s.head_left * SideSign(side);
    s.eye[side] =
        s.head + s.head_forward * (0.049f * h) + out * (0.018f * h) + s.head_up * (0.008f * h);
    s.ear[side] = s.head + out * (0.043f * h) - s.head_up * (0.004f * h);
  }
}

Color SkinColor(Random& random) {
  const Color light{165, 190, 228};
  const Color dark{45, 68, 105};
  return Mix(light, dark, random.Unit() * random.Unit() * 1.2f);
}

Color ClothColor(Random& random) {
  // Mostly muted, now and then bright, as in any street.
  const float value = random.Uniform(30, 215);
  const float spread = random.Chance(0.35f) ? 95 : 22;
  const auto channel = [&] {
    return std::clamp(value + random.Uniform(-spread, spread), 18.0f, 240.0f);
  };
  return {channel(), channel(), channel()};
}

}  // namespace

BodyShape BodyShape::Create(Random& random) {
  BodyShape shape;
  shape.height = std::clamp(1.70f + 0.085f * random.Normal(), 1.5f, 1.93f);
  shape.build = std::clamp(1.0f + 0.1f * random.Normal(), 0.85f, 1.3f);
  shape.shoulders = random.Uniform(0.92f, 1.06f);
  shape.hips = random.Uniform(0.95f, 1.1f);
  shape.skin = SkinColor(random);
  shape.hair = Mix({18, 20, 24}, {80, 130, 170}, random.Unit() * random.Unit());
  if (random.Chance(0.12f)) shape.hair = {170, 172, 175};
  shape.jacket = ClothColor(random);
  shape.shirt = ClothColor(random);
  shape.trousers = ClothColor(random) * 0.75f;
  if (random.Chance(0.4f)) shape.trousers = Color{105, 75, 55} * random.Uniform(0.5f, 1.1f);
  shape.shoes = random.Chance(0.7f) ? Color{35, 35, 38} : Color{215, 215, 215};
  shape.jacket_open = random.Chance(0.5f);
  shape.long_sleeves = shape.jacket_open || random.Chance(0.6f);
  shape.long_hair = random.Chance(0.4f);
  shape.cap = random.Chance(0.12f);
  const float bag = random.Unit();
  shape.bag = bag < 0.35f   ? BagKind::kNone
              : bag < 0.65f ? BagKind::kShoulderBag
              : bag < 0.85f ? BagKind::kBackpack
                            : BagKind::kTote;
  shape.bag_side = random.Below(2);
  shape.bag_color = ClothColor(random);
  return shape;
}

Vec3 Skeleton::At(Joint joint) const {
  const auto index = static_cast<int>(joint);
  if (joint == Joint::kNose) return nose;
  const std::array<const std::array<Vec3, 2>*, 8> pairs = {&eye,   &ear, &shoulder, &elbow,
                                                           &wrist, &hip, &knee,     &ankle};
  return (*pairs[static_cast<size_t>((index - 1) / 2)])[static_cast<size_t>((index - 1) % 2)];
}

Vec3 HangingHand(const BodyShape& shape, int side) {
  const float h = shape.height;
  return {0.03f * h, SideSign(side) * (0.135f * shape.shoulders + 0.012f * shape.build) * h,
          0.505f * h};
}

Vec3 ToWorld(const BodyPose& pose, Vec3 local) {
  const Vec3 forward = Heading(pose.yaw);
  const Vec3 left{-forward.y, forward.x, 0};
  return pose.position + forward * local.x + left * local.y + Vec3{0, 0, local.z};
}

Vec3 ToLocal(const BodyPose& pose, Vec3 world) {
  const Vec3 forward = Heading(pose.yaw);
  const Vec3 left{-forward.y, forward.x, 0};
  const Vec3 d = world - pose.position;
  return {Dot(d, forward), Dot(d, left), d.z};
}

Skeleton Solve(const BodyShape& shape, const BodyPose& pose) {
  const float h = shape.height;
  Skeleton s;
  s.hip_forward = Heading(pose.yaw);
  s.hip_left = Vec3{-s.hip_forward.y, s.hip_forward.x, 0};
  // Hips go back as the chest goes forward, or the body would fall; they dip at each long step.
  const float dip =
      0.35f * pose.half_step * pose.half_step / (0.5f * h) * std::abs(std::cos(pose.stride_phase));
  s.pelvis = ToWorld(
      pose, {-0.1f * h * std::sin(pose.lean_forward), 0, kHipHeight * h - pose.crouch - dip});
  const Vec3 up =
      Rotate(Rotate({0, 0, 1}, s.hip_left, pose.lean_forward), s.hip_forward, -pose.lean_left);
  s.chest_up = Normalized(up);
  const Vec3 straight = Normalized(s.hip_forward - s.chest_up * Dot(s.hip_forward, s.chest_up));
  s.chest_forward = Rotate(straight, s.chest_up, pose.twist);
  s.chest_left = Cross(s.chest_up, s.chest_forward);
  s.chest = s.pelvis + s.chest_up * (kSpine * h);
  SolveLegs(shape, pose, s);
  SolveArms(shape, pose, s);
  SolveHead(shape, pose, s);
  return s;
}

}  // namespace aislewatch::simulator
