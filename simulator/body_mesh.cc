#include "simulator/body_mesh.h"

namespace aislewatch::simulator {
namespace {

// One cross-section of the trunk: how far up the spine (0 hips, 1 neck), half width and half depth
// as fractions of the height, and whether it is above the belt.
struct TrunkSection {
  float up;
  float width;
  float depth;
  bool jacket;
};

constexpr std::array<TrunkSection, 11> kTrunk = {{{-0.13f, 0.060f, 0.045f, false},
                                                  {-0.05f, 0.092f, 0.066f, false},
                                                  {0.06f, 0.097f, 0.070f, false},
                                                  {0.07f, 0.100f, 0.073f, true},
                                                  {0.22f, 0.093f, 0.068f, true},
                                                  {0.42f, 0.090f, 0.064f, true},
                                                  {0.64f, 0.103f, 0.070f, true},
                                                  {0.84f, 0.112f, 0.066f, true},
                                                  {0.97f, 0.108f, 0.054f, true},
                                                  {1.05f, 0.070f, 0.044f, true},
                                                  {1.11f, 0.034f, 0.034f, true}}};

void AddTrunk(const BodyShape& shape, const Skeleton& s, Mesh& mesh) {
  const float h = shape.height;
  std::array<Ring, kTrunk.size()> rings;
  for (size_t i = 0; i < kTrunk.size(); ++i) {
    const TrunkSection& section = kTrunk[i];
    const float t = std::clamp(section.up, 0.0f, 1.0f);
    const Vec3 left = Normalized(Lerp(s.hip_left, s.chest_left, t));
    const Vec3 forward = Normalized(Lerp(s.hip_forward, s.chest_forward, t));
    const Vec3 base = section.up < 0 ? s.pelvis + kUp * (section.up * 0.3f * h)
                                     : s.pelvis + s.chest_up * (section.up * 0.3f * h);
    const float wide = Lerp(shape.hips, shape.shoulders, t) * Lerp(shape.build, 1, 0.6f * t);
    const float belly = 1 + (shape.build - 1) * 1.4f;
    const Color cloth = section.jacket ? shape.jacket : shape.trousers;
    const Color front = section.jacket && shape.jacket_open ? shape.shirt : cloth;
    rings[i] = {base, left * (section.width * h * wide), forward * (section.depth * h * belly),
                cloth, front};
  }
  mesh.AddTube(rings, 16);
  mesh.AddLimb(s.chest + s.chest_up * (0.015f * h), s.neck + s.head_up * (0.03f * h), 0.036f * h,
               0.033f * h, shape.skin);
}

void AddArms(const BodyShape& shape, const Skeleton& s, Mesh& mesh) {
  const float h = shape.height;
  const float g = 0.5f + 0.5f * shape.build;
  const Color lower = shape.long_sleeves ? shape.jacket : shape.skin;
  for (const int side : {kLeft, kRight}) {
    mesh.AddLimb(s.shoulder[side] - s.chest_up * (0.012f * h), s.elbow[side], 0.036f * h * g,
                 0.028f * h * g, shape.jacket);
    mesh.AddLimb(s.elbow[side], s.wrist[side], 0.028f * h * g, 0.02f * h * g, lower);
    const Vec3 along = Normalized(s.palm[side] - s.wrist[side]);
    const Vec3 across = Normalized(Cross(along, s.chest_forward), s.chest_left);
    mesh.AddEllipsoid(s.wrist[side] + along * (0.035f * h), along * (0.045f * h),
                      across * (0.017f * h), Cross(along, across) * (0.024f * h), shape.skin, 8);
  }
}

void AddLegs(const BodyShape& shape, const Skeleton& s, Mesh& mesh) {
  const float h = shape.height;
  const float g = 0.5f + 0.5f * shape.build;
  for (const int side : {kLeft, kRight}) {
    mesh.AddLimb(s.hip[side], s.knee[side], 0.056f * h * g, 0.037f * h * g, shape.trousers, 10);
    mesh.AddLimb(s.knee[side], s.ankle[side], 0.037f * h * g, 0.027f * h * g,
                 shape.trousers * 0.96f, 10);
    const Vec3 sole = Normalized(s.toe[side] - s.ankle[side]);
    const Vec3 left = Normalized(Cross(kUp, sole));
    mesh.AddEllipsoid(Lerp(s.ankle[side], s.toe[side], 0.45f) - kUp * (0.008f * h),
                      sole * (0.078f * h), left * (0.027f * h), Cross(sole, left) * (0.024f * h),
                      shape.shoes, 9);
  }
}

void AddHead(const BodyShape& shape, const Skeleton& s, Mesh& mesh) {
  const float h = shape.height;
  const Vec3 f = s.head_forward, l = s.head_left, u = s.head_up;
  const Vec3 c = s.head;
  mesh.AddEllipsoid(c - u * (0.004f * h), f * (0.053f * h), l * (0.043f * h), u * (0.064f * h),
                    shape.skin, 12);
  // Hair: a shell that is higher and further back than the skull, so that the face stays free.
  const Color hair = shape.cap ? shape.jacket * 0.7f : shape.hair;
  mesh.AddEllipsoid(c + u * (0.017f * h) - f * (0.013f * h), f * (0.053f * h), l * (0.047f * h),
                    u * (0.056f * h), hair, 12);
  if (shape.cap) {
    mesh.AddEllipsoid(c + u * (0.03f * h) + f * (0.05f * h), f * (0.035f * h), l * (0.035f * h),
                      u * (0.006f * h), hair, 8);
  }
  if (shape.long_hair) {
    mesh.AddEllipsoid(c - u * (0.035f * h) - f * (0.03f * h), f * (0.03f * h), l * (0.046f * h),
                      u * (0.075f * h), shape.hair, 10);
  }
  const Color dark{35, 35, 40};
  for (const int side : {kLeft, kRight}) {
    const Vec3 out = l * SideSign(side);
    mesh.AddEllipsoid(s.eye[side] - f * (0.004f * h), f * (0.006f * h), l * (0.0085f * h),
                      u * (0.005f * h), dark, 6);
    mesh.AddEllipsoid(s.eye[side] + u * (0.011f * h) - f * (0.003f * h), f * (0.006f * h),
                      l * (0.012f * h), u * (0.003f * h), shape.hair * 0.8f, 6);
    mesh.AddEllipsoid(s.ear[side] + out * (0.001f * h), f * (0.01f * h), l * (0.006f * h),
                      u * (0.016f * h), shape.skin * 0.9f, 6);
  }
  mesh.AddEllipsoid(s.nose - f * (0.007f * h), f * (0.012f * h), l * (0.008f * h), u * (0.014f * h),
                    shape.skin * 1.06f, 6);
  mesh.AddEllipsoid(c + f * (0.046f * h) - u * (0.034f * h), f * (0.006f * h), l * (0.016f * h),
                    u * (0.004f * h), Mix(shape.skin, {70, 60, 150}, 0.6f) * 0.8f, 6);
}

void AddBag(const BodyShape& shape, const BodyPose& pose, const Skeleton& s, Vec3 local,
            Mesh& mesh) {
  if (shape.bag == BagKind::kNone) return;
  const float h = shape.height;
  const Vec3 centre = ToWorld(pose, local);
  const Vec3 f = s.hip_forward, l = s.hip_left;
  const Color strap = shape.bag_color * 0.8f;
  if (shape.bag == BagKind::kBackpack) {
    mesh.AddEllipsoid(centre, f * (0.06f * h), l * (0.088f * h), kUp * (0.135f * h),
                      shape.bag_color, 12);
    for (const int side : {kLeft, kRight}) {
      const Vec3 top = s.shoulder[side] - s.chest_left * (SideSign(side) * 0.03f * h);
      mesh.AddLimb(centre + kUp * (0.09f * h), top + s.chest_up * (0.025f * h), 0.01f, 0.012f,
                   strap, 5);
    }
    return;
  }
  const bool tote = shape.bag == BagKind::kTote;
  const Vec3 half = tote ? Vec3{0.105f, 0.03f, 0.11f} : Vec3{0.085f, 0.035f, 0.07f};
  mesh.AddBox(centre, f * (half.x * h), l * (half.y * h), kUp * (half.z * h), shape.bag_color);
  mesh.AddBox(centre + kUp * (half.z * 0.99f * h), f * (half.x * 0.9f * h), l * (half.y * 0.8f * h),
              kUp * 0.004f, shape.bag_color * 0.35f);
  const Vec3 top = s.shoulder[shape.bag_side] + s.chest_up * (0.03f * h);
  for (const float end : {-0.8f, 0.8f}) {
    mesh.AddLimb(centre + f * (end * half.x * h) + kUp * (half.z * h), top, 0.009f, 0.009f, strap,
                 5);
  }
}

void AddHeld(const Carried& carried, const Skeleton& s, int side, Mesh& mesh) {
  const Vec3 grip = s.palm[side];
  const Vec3 f = s.hip_forward, l = s.hip_left;
  if (carried.item_in_hand[side]) {
    const Vec3 half = carried.item.size * 0.5f;
    // Tall things are held in the middle, flat ones lie on the palm.
    const Vec3 centre = grip + kUp * (half.z * 0.4f) + f * 0.02f;
    if (carried.item.bottle) {
      mesh.AddLimb(centre - kUp * half.z * 0.8f, centre + kUp * half.z * 0.4f, half.x, half.x,
                   carried.item.color);
      mesh.AddLimb(centre + kUp * half.z * 0.4f, centre + kUp * half.z, half.x * 0.4f,
                   half.x * 0.35f, Color{230, 230, 230}, 6);
    } else {
      mesh.AddBox(centre, f * half.y, l * half.x, kUp * half.z, carried.item.color);
      mesh.AddBox(centre, f * (half.y + 0.003f), l * (half.x * 0.6f), kUp * (half.z * 0.4f),
                  {235, 235, 235});
    }
  }
  if (carried.phone_in_hand[side]) {
    const Vec3 tilt = Normalized(kUp * 0.7f + f * 0.7f);
    mesh.AddBox(grip + tilt * 0.03f, l * 0.037f, tilt * 0.075f, Cross(l, tilt) * 0.006f,
                {30, 28, 28});
    mesh.AddBox(grip + tilt * 0.03f - Cross(l, tilt) * 0.007f, l * 0.033f, tilt * 0.07f,
                Cross(l, tilt) * 0.001f, {200, 170, 150});
  }
  if (carried.basket[side]) {
    const Vec3 centre = grip - kUp * 0.26f;
    mesh.AddBox(centre, f * 0.2f, l * 0.13f, kUp * 0.1f, carried.basket_color);
    mesh.AddBox(centre + kUp * 0.1f, f * 0.185f, l * 0.115f, kUp * 0.004f,
                carried.basket_color * 0.4f);
    for (const float end : {-0.18f, 0.18f}) {
      mesh.AddLimb(centre + f * end + kUp * 0.1f, grip, 0.008f, 0.008f, {60, 60, 60}, 5);
    }
  }
}

}  // namespace

size_t BuildPersonMesh(const BodyShape& shape, const BodyPose& pose, const Skeleton& skeleton,
                       const Carried& carried, Mesh& mesh) {
  const size_t before = mesh.vertices().size();
  AddTrunk(shape, skeleton, mesh);
  AddLegs(shape, skeleton, mesh);
  AddArms(shape, skeleton, mesh);
  AddHead(shape, skeleton, mesh);
  const size_t body = mesh.vertices().size() - before;
  AddBag(shape, pose, skeleton, carried.bag, mesh);
  AddHeld(carried, skeleton, kLeft, mesh);
  AddHeld(carried, skeleton, kRight, mesh);
  if (carried.hold) {
    Random look(carried.hold_look);
    AddHeldObject(carried.hold->object, GripOf(*carried.hold, skeleton), look, mesh);
  }
  return body;
}

}  // namespace aislewatch::simulator
