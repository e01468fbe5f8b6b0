#include "models/pose_anomaly/posture/body.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::pose_anomaly {

float Distance(const PixelPoint& a, const PixelPoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

PixelPoint Midpoint(const PixelPoint& a, const PixelPoint& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

Body MeasureBody(const PoseSample& sample) {
  Body body;
  for (int j = 0; j < kJointCount; ++j) {
    body.joints[j] = {sample.pose[j].x * static_cast<float>(sample.frame.width),
                      sample.pose[j].y * static_cast<float>(sample.frame.height)};
  }
  body.shoulders =
      Midpoint(JointOf(body, Joint::kLeftShoulder), JointOf(body, Joint::kRightShoulder));
  body.hips = Midpoint(JointOf(body, Joint::kLeftHip), JointOf(body, Joint::kRightHip));
  const auto [top, bottom] =
      std::minmax_element(body.joints.begin(), body.joints.end(),
                          [](const PixelPoint& a, const PixelPoint& b) { return a.y < b.y; });
  body.trunk = std::max(Distance(body.shoulders, body.hips), 0.2f * (bottom->y - top->y));
  return body;
}

PoseVector CentredPose(const Body& body, bool mirrored) {
  const float scale = std::max(body.trunk, kLeastBodyPixels);
  PoseVector vector;
  for (int j = 0; j < kJointCount; ++j) {
    const PixelPoint& p = body.joints[mirrored ? kMirroredJoint[static_cast<size_t>(j)] : j];
    const float x = std::clamp((p.x - body.hips.x) / scale, -6.0f, 6.0f) / 2;
    vector[2 * j] = mirrored ? -x : x;
    vector[2 * j + 1] = std::clamp((p.y - body.hips.y) / scale, -6.0f, 6.0f) / 2;
  }
  return vector;
}

}  // namespace aislewatch::pose_anomaly
