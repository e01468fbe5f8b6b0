#include "models/pose_anomaly/posture/concealment_features.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace aislewatch::pose_anomaly {
namespace {

// Half a frame less than the span, so that rounded times take in exactly so many frames.
constexpr absl::Duration SpanOfFrames(double frames) {
  return absl::Milliseconds(static_cast<int64_t>(1000 * (frames - 0.5) / kReferenceFps));
}
constexpr absl::Duration kMeanSpan = SpanOfFrames(12);
constexpr absl::Duration kScaleSpan = SpanOfFrames(30);

// At `middle`, between both neighbours: 0 = folded, pi = stretched.
float Angle(const PixelPoint& a, const PixelPoint& middle, const PixelPoint& b) {
  const float ax = a.x - middle.x, ay = a.y - middle.y;
  const float bx = b.x - middle.x, by = b.y - middle.y;
  return std::atan2(std::abs(ax * by - ay * bx), ax * bx + ay * by);
}

// All but the speed, of one pose.
ConcealmentValues Measure(const Body& body, float scale) {
  const PixelPoint& left_wrist = JointOf(body, Joint::kLeftWrist);
  const PixelPoint& right_wrist = JointOf(body, Joint::kRightWrist);
  const PixelPoint centre = Midpoint(body.shoulders, body.hips);
  auto to_hip = [&](const PixelPoint& wrist) {
    return std::min(Distance(wrist, JointOf(body, Joint::kLeftHip)),
                    Distance(wrist, JointOf(body, Joint::kRightHip)));
  };
  const auto [trunk_near, trunk_far] =
      std::minmax({Distance(left_wrist, centre), Distance(right_wrist, centre)});
  const auto [hip_near, hip_far] = std::minmax({to_hip(left_wrist), to_hip(right_wrist)});
  const auto [elbow_small, elbow_large] = std::minmax(
      {Angle(JointOf(body, Joint::kLeftShoulder), JointOf(body, Joint::kLeftElbow), left_wrist),
       Angle(JointOf(body, Joint::kRightShoulder), JointOf(body, Joint::kRightElbow),
             right_wrist)});
  // Upright is 0: the shoulders straight above the hips, y pointing down.
  const float bend =
      std::abs(std::atan2(body.shoulders.x - body.hips.x, body.hips.y - body.shoulders.y));
  return {trunk_near / scale,
          trunk_far / scale,
          hip_near / scale,
          hip_far / scale,
          elbow_small,
          elbow_large,
          bend,
          0};
}

}  // namespace

float ConcealmentFeatures::MedianTrunk() const {
  std::vector<float> trunks;
  trunks.reserve(entries_.size());
  for (const Entry& e : entries_) trunks.push_back(e.trunk);
  const size_t half = trunks.size() / 2;
  std::nth_element(trunks.begin(), trunks.begin() + half, trunks.end());
  if (trunks.size() % 2 == 1) return trunks[half];
  return (trunks[half] + *std::max_element(trunks.begin(), trunks.begin() + half)) / 2;
}

ConcealmentValues ConcealmentFeatures::Means(absl::Time now) const {
  ConcealmentValues sums{};
  float count = 0, speeds = 0;
  for (auto e = entries_.rbegin(); e != entries_.rend() && now - e->time < kMeanSpan; ++e) {
    for (int f = 0; f < kConcealmentFeatureCount; ++f) sums[f] += e->values[f];
    count += 1;
    if (e->has_speed) speeds += 1;
  }
  for (int f = 0; f < kConcealmentFeatureCount; ++f) {
    const bool is_speed = f == kConcealmentFeatureCount - 1;
    const float n = is_speed ? std::max(speeds, 1.0f) : count;
    sums[f] = std::clamp(sums[f] / n, -12.0f, 12.0f);
  }
  return sums;
}

ConcealmentValues ConcealmentFeatures::Push(absl::Time time, const Body& body) {
  Entry entry;
  entry.time = time;
  entry.trunk = body.trunk;
  entry.has_speed = !entries_.empty() && time > entries_.back().time;
  const double frames =
      entry.has_speed ? absl::ToDoubleSeconds(time - entries_.back().time) * kReferenceFps : 0;
  while (!entries_.empty() && time - entries_.front().time >= kScaleSpan) entries_.pop_front();
  entries_.push_back(entry);

  const float scale = std::max(kLeastBodyPixels, MedianTrunk());
  ConcealmentValues& values = entries_.back().values;
  values = Measure(body, scale);
  if (entry.has_speed) {
    values.back() = Distance(body.hips, last_hips_) / static_cast<float>(frames) / scale;
  }
  last_hips_ = body.hips;
  return Means(time);
}

}  // namespace aislewatch::pose_anomaly
