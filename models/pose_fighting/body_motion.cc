#include "models/pose_fighting/body_motion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace aislewatch::pose_fighting {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr absl::Duration kScaleSpan = absl::Seconds(2);

// Speeds are taken against the pose that is nearest to this long ago, within the bounds: shorter
// ones magnify the jitter of joints, longer ones miss blows.
constexpr absl::Duration kLag = absl::Milliseconds(100);
constexpr absl::Duration kLeastLag = absl::Milliseconds(30);
constexpr absl::Duration kMostLag = absl::Milliseconds(450);

constexpr float kLeastTrunkPixels = 8;
constexpr float kFarthest = 3;

PixelPoint Halfway(const PixelPoint& a, const PixelPoint& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

// The middle of those of two joints that are known.
std::optional<PixelPoint> Middle(const Pose& pose, const Body& body, Joint left, Joint right) {
  const auto l = static_cast<size_t>(left), r = static_cast<size_t>(right);
  const bool has_left = pose[l].confidence > 0, has_right = pose[r].confidence > 0;
  if (has_left && has_right) return Halfway(body.joints[l], body.joints[r]);
  if (has_left) return body.joints[l];
  if (has_right) return body.joints[r];
  return std::nullopt;
}

}  // namespace

float Distance(const PixelPoint& a, const PixelPoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

std::optional<Body> MeasureBody(const Pose& pose, const FrameSize& frame) {
  Body body;
  float top = std::numeric_limits<float>::max();
  float bottom = std::numeric_limits<float>::lowest();
  for (size_t j = 0; j < pose.size(); ++j) {
    body.joints[j] = {pose[j].x * static_cast<float>(frame.width),
                      pose[j].y * static_cast<float>(frame.height)};
    body.shown[j] = pose[j].confidence >= kShownConfidence;
    if (!(pose[j].confidence > 0)) continue;
    top = std::min(top, body.joints[j].y);
    bottom = std::max(bottom, body.joints[j].y);
  }
  const auto shoulders = Middle(pose, body, Joint::kLeftShoulder, Joint::kRightShoulder);
  const auto hips = Middle(pose, body, Joint::kLeftHip, Joint::kRightHip);
  if (!shoulders || !hips) return std::nullopt;
  body.shoulders = *shoulders;
  body.hips = *hips;
  body.middle = Halfway(body.shoulders, body.hips);
  body.trunk = std::max(Distance(body.shoulders, body.hips), 0.2f * (bottom - top));
  if (!std::isfinite(body.trunk)) return std::nullopt;
  return body;
}

void BodyMotion::Push(absl::Time time, const Body& body) {
  while (!seen_.empty() && time - seen_.front().time >= kScaleSpan) seen_.pop_front();
  seen_.push_back({time, body});
  trunk_ = std::max(kLeastTrunkPixels, MedianTrunk());
  Moment& now = seen_.back();
  now.limb_speed = LimbSpeed(now);
  now.raised_hand = kUnknown;
  for (const Joint wrist : {Joint::kLeftWrist, Joint::kRightWrist}) {
    const auto j = static_cast<size_t>(wrist);
    if (!body.shown[j]) continue;
    const float height =
        std::clamp((body.shoulders.y - body.joints[j].y) / trunk_, -kFarthest, kFarthest);
    now.raised_hand = std::fmax(now.raised_hand, height);
  }
  limb_speed_ = Mean(&Moment::limb_speed);
  raised_hand_ = Mean(&Moment::raised_hand);
}

bool BodyMotion::known() const {
  size_t frames = 0;
  absl::Time first = last_seen();
  for (auto m = seen_.rbegin(); m != seen_.rend() && last_seen() - m->time < kWindow; ++m) {
    ++frames;
    first = m->time;
  }
  return frames >= kLeastFrames && last_seen() - first >= kLeastSeen;
}

float BodyMotion::MedianTrunk() const {
  std::vector<float> trunks;
  trunks.reserve(seen_.size());
  for (const Moment& m : seen_) trunks.push_back(m.body.trunk);
  const auto middle = trunks.begin() + static_cast<std::ptrdiff_t>(trunks.size() / 2);
  std::nth_element(trunks.begin(), middle, trunks.end());
  return *middle;
}

float BodyMotion::LimbSpeed(const Moment& now) const {
  const Moment* before = nullptr;
  for (auto m = std::next(seen_.rbegin()); m != seen_.rend(); ++m) {
    const absl::Duration lag = now.time - m->time;
    if (lag > kMostLag) break;
    if (lag < kLeastLag) continue;
    if (before == nullptr ||
        absl::AbsDuration(lag - kLag) < absl::AbsDuration(now.time - before->time - kLag)) {
      before = &*m;
    }
  }
  if (before == nullptr) return kUnknown;
  float sum = 0;
  int followed = 0;
  for (size_t j = 0; j < kJointCount; ++j) {
    if (!now.body.shown[j] || !before->body.shown[j]) continue;
    const PixelPoint& a = now.body.joints[j];
    const PixelPoint& b = before->body.joints[j];
    sum += std::hypot((a.x - now.body.middle.x) - (b.x - before->body.middle.x),
                      (a.y - now.body.middle.y) - (b.y - before->body.middle.y));
    ++followed;
  }
  if (followed == 0) return kUnknown;
  const auto seconds = static_cast<float>(absl::ToDoubleSeconds(now.time - before->time));
  return sum / static_cast<float>(followed) / seconds / trunk_;
}

float BodyMotion::Mean(float Moment::*value) const {
  float sum = 0;
  int count = 0;
  for (auto m = seen_.rbegin(); m != seen_.rend() && last_seen() - m->time < kWindow; ++m) {
    if (!std::isfinite((*m).*value)) continue;
    sum += (*m).*value;
    ++count;
  }
  return count == 0 ? kUnknown : sum / static_cast<float>(count);
}

}  // namespace aislewatch::pose_fighting
