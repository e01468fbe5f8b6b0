// Points, boxes, keypoints and people, in units that the types tell apart.
//
// Plain values; no ownership, no threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace aislewatch {

/// Fractions of the picture: (0,0) top left, (1,1) bottom right.
struct NormalizedPoint {
  float x = 0;
  float y = 0;
};

/// Pixels of a picture: (0,0) is the top left corner of the top left pixel.
struct PixelPoint {
  float x = 0;
  float y = 0;
};

/// An axis-parallel box in fractions of the picture.
struct NormalizedBox {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  float right() const { return x + width; }
  float bottom() const { return y + height; }
  float area() const { return std::max(0.0f, width) * std::max(0.0f, height); }
  /// Middle of the lower edge: where the person stands.
  NormalizedPoint foot() const { return {x + width / 2, y + height}; }
};

/// What two boxes share; 0 where they only touch.
inline float IntersectionArea(const NormalizedBox& a, const NormalizedBox& b) {
  const float w = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const float h = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/// Intersection over union, 0..1; 0 for empty boxes.
inline float IntersectionOverUnion(const NormalizedBox& a, const NormalizedBox& b) {
  const float inter = IntersectionArea(a, b);
  const float both = a.area() + b.area() - inter;
  return both > 0 ? inter / both : 0;
}

/// Width and height of a picture in pixels.
struct FrameSize {
  int width = 0;
  int height = 0;
};

/// COCO's 17 joints, in COCO's order.
enum class Joint : uint8_t {
  kNose, kLeftEye, kRightEye, kLeftEar, kRightEar, kLeftShoulder, kRightShoulder, kLeftElbow,
  kRightElbow, kLeftWrist, kRightWrist, kLeftHip, kRightHip, kLeftKnee, kRightKnee, kLeftAnkle,
  kRightAnkle
};
inline constexpr int kJointCount = 17;

/// The joint that each becomes in a mirrored picture: from the eyes on they come in pairs, the
/// person's left one first.
inline constexpr std::array<uint8_t, kJointCount> kMirroredJoint = {
    0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15};

/// Pairs of joints that a limb connects, for drawing and for graphs.
inline constexpr std::array<std::array<uint8_t, 2>, 16> kSkeleton = {{{0, 1}, {0, 2}, {1, 3},
    {2, 4}, {5, 6}, {5, 7}, {7, 9}, {6, 8}, {8, 10}, {5, 11}, {6, 12}, {11, 12}, {11, 13},
    {13, 15}, {12, 14}, {14, 16}}};

/// A joint in fractions of the picture, with the confidence that it is visible there, 0..1.
struct Keypoint {
  float x = 0;
  float y = 0;
  float confidence = 0;
};

/// Confidence from which a joint counts as shown.
inline constexpr float kShownConfidence = 0.2f;

using Pose = std::array<Keypoint, kJointCount>;

inline const Keypoint& At(const Pose& pose, Joint joint) {
  return pose[static_cast<size_t>(joint)];
}

/// A person as a pose model finds them in one picture.
struct DetectedPerson {
  NormalizedBox box;
  /// 0..1.
  float score = 0;
  Pose keypoints{};
};

/// A person whom the tracker follows.
struct TrackedPerson {
  /// >= 1, unique over the stream.
  uint64_t track_id = 0;
  DetectedPerson person;
  /// Frames in which the track was seen, this one included.
  uint32_t age_frames = 0;
};

}  // namespace aislewatch
