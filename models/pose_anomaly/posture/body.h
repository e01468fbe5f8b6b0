// A person's pose in pixels, with the measures that make it independent of place and size.
//
// Stateless and thread-safe.
#pragma once

#include <array>

#include "common/roles/pose_anomaly_scorer.h"
#include "common/vision/geometry.h"

namespace aislewatch::pose_anomaly {

/// Bodies smaller than this are scaled as if they had it: below, a pixel's rounding is a gesture.
inline constexpr float kLeastBodyPixels = 8;

/// Lengths in pixels of the frame that the pose was found in.
struct Body {
  std::array<PixelPoint, kJointCount> joints{};
  /// Midpoints of both shoulders and of both hips.
  PixelPoint shoulders;
  PixelPoint hips;
  /// max(distance of shoulders and hips, a fifth of the keypoints' vertical extent): the trunk,
  /// also of somebody seen from above, whose trunk is foreshortened.
  float trunk = 0;
};

Body MeasureBody(const PoseSample& sample);

inline const PixelPoint& JointOf(const Body& body, Joint joint) {
  return body.joints[static_cast<size_t>(joint)];
}

/// x and y of all joints in COCO's order.
using PoseVector = std::array<float, 2 * kJointCount>;

/// The joints from the middle of the hips, in units of twice the trunk (at least kLeastBodyPixels),
/// within -3..3. `mirrored` gives the vector of the mirror image, left and right exchanged.
PoseVector CentredPose(const Body& body, bool mirrored = false);

/// Euclidean distance in pixels.
float Distance(const PixelPoint& a, const PixelPoint& b);

/// Halfway between two points.
PixelPoint Midpoint(const PixelPoint& a, const PixelPoint& b);

}  // namespace aislewatch::pose_anomaly
