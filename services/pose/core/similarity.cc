#include "services/pose/core/similarity.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aislewatch::pose {
namespace {

// COCO's per-joint deviations (cocodataset.org, keypoint evaluation); its k is twice as much.
constexpr std::array<double, kJointCount> kSigmas = {
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072,
    0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089};

double SharedLength(double centre_a, double length_a, double centre_b, double length_b) {
  return std::min(centre_a + length_a / 2, centre_b + length_b / 2) -
         std::max(centre_a - length_a / 2, centre_b - length_b / 2);
}

}  // namespace

double Overlap(const BodyBox& a, const BodyBox& b) {
  const double width = SharedLength(a.x, a.width, b.x, b.width);
  const double height = SharedLength(a.y, a.height, b.y, b.height);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (a.area() + b.area() - width * height);
}

double PoseSimilarity(const Pose& a, const Pose& b, double area, double slack) {
  if (area <= 0) return -1;
  double sum = 0;
  int shared = 0;
  for (int i = 0; i < kJointCount; ++i) {
    if (a[i].confidence < kShownConfidence || b[i].confidence < kShownConfidence) continue;
    const double dx = a[i].x - b[i].x, dy = a[i].y - b[i].y;
    const double k = 2 * kSigmas[i] * slack;
    sum += std::exp(-(dx * dx + dy * dy) / (2 * area * k * k));
    ++shared;
  }
  return shared < kLeastSharedJoints ? -1 : sum / shared;
}

}  // namespace aislewatch::pose
