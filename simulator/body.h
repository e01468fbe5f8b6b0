// A person's body: proportions and clothes, a posture given by a few numbers, and the joints that
// follow from them.
//
// Plain values and pure functions.
#pragma once

#include <array>

#include "common/vision/geometry.h"
#include "simulator/mesh.h"
#include "simulator/random.h"
#include "simulator/vec3.h"

namespace aislewatch::simulator {

enum class BagKind { kNone, kShoulderBag, kBackpack, kTote };

/// Index of what a body has two of.
inline constexpr int kLeft = 0;
inline constexpr int kRight = 1;
/// +1 for the left side, -1 for the right, as the body's own left axis counts.
constexpr float SideSign(int side) { return side == kLeft ? 1.0f : -1.0f; }

/// What stays the same about a person.
struct BodyShape {
  static BodyShape Create(Random& random);

  /// Metres, soles to crown.
  float height = 1.72f;
  /// Girth, 1 for average.
  float build = 1;
  /// Shoulder and hip width, 1 for average.
  float shoulders = 1;
  float hips = 1;
  Color skin, hair, jacket, shirt, trousers, shoes;
  bool jacket_open = false;
  bool long_sleeves = true;
  bool long_hair = false;
  bool cap = false;
  BagKind bag = BagKind::kNone;
  /// Which side the bag hangs on.
  int bag_side = kRight;
  Color bag_color;
};

/// A posture. Points are in the body's own frame: (forward, left, up) in metres from the floor
/// below the hips; angles are in radians.
struct BodyPose {
  /// On the floor.
  Vec3 position;
  float yaw = 0;
  float lean_forward = 0;
  float lean_left = 0;
  /// Of the chest against the hips, leftwards.
  float twist = 0;
  float head_yaw = 0;
  /// Downwards.
  float head_pitch = 0;
  /// How far the hips are lowered, metres.
  float crouch = 0;
  /// Walk cycle: angle, and half a step in metres (0 stands).
  float stride_phase = 0;
  float half_step = 0;
  /// Where the wrists shall be; reached as far as the arms are long.
  std::array<Vec3, 2> hands{};
};

/// Joints and axes in the world.
struct Skeleton {
  Vec3 pelvis, chest, neck, head, nose;
  std::array<Vec3, 2> shoulder, elbow, wrist, palm, hip, knee, ankle, toe, eye, ear;
  /// Unit axes of the hips, the chest and the head.
  Vec3 hip_forward, hip_left;
  Vec3 chest_forward, chest_left, chest_up;
  Vec3 head_forward, head_left, head_up;

  Vec3 At(Joint joint) const;
};

/// Where a hanging hand is, in the body's own frame.
Vec3 HangingHand(const BodyShape& shape, int side);

/// From the body's own frame to the world and back.
Vec3 ToWorld(const BodyPose& pose, Vec3 local);
Vec3 ToLocal(const BodyPose& pose, Vec3 world);

Skeleton Solve(const BodyShape& shape, const BodyPose& pose);

}  // namespace aislewatch::simulator
