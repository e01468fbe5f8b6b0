#include "models/pose_anomaly/stg_nf/pose_windows.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace aislewatch::pose_anomaly {
namespace {

// The published code divides pixels by its videos' 856 and 480 before it normalises; what remains
// of that is this ratio of the axes' units, which the prior's shape depends on.
constexpr float kUnitX = 856;
constexpr float kUnitY = 480;

// Two frames may be missing between neighbours, with room for rounded times.
constexpr absl::Duration kLongestStep =
    absl::Microseconds(static_cast<int64_t>(1e6 * 3.25 / kPoseLiftFps));
constexpr absl::Duration kRounding = absl::Milliseconds(1);

// A window whose y hardly varies is one point; dividing by less would blow up its noise.
constexpr float kLeastDeviation = 1e-3f;

PixelPoint Between(const PixelPoint& a, const PixelPoint& b, float part) {
  return {a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
}

void Normalize(StgWindow& window) {
  const size_t half = window.size() / kStgChannels;
  double deviation = 0;
  for (int channel = 0; channel < kStgChannels; ++channel) {
    float* values = window.data() + static_cast<size_t>(channel) * half;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < half; ++i) sum += values[i];
    const double mean = sum / static_cast<double>(half);
    for (size_t i = 0; i < half; ++i) {
      values[i] = static_cast<float>(values[i] - mean);
      squares += static_cast<double>(values[i]) * values[i];
    }
    deviation = std::sqrt(squares / static_cast<double>(half));  // the last channel's, y, remains
  }
  const float scale = std::max(static_cast<float>(deviation), kLeastDeviation);
  for (float& v : window) v /= scale;
}

}  // namespace

std::optional<StgWindow> PoseWindows::Push(const PoseSample& sample) {
  if (!entries_.empty()) {
    if (sample.time <= entries_.back().time) return std::nullopt;
    if (sample.time - entries_.back().time > kLongestStep) entries_.clear();
  }
  Entry entry{sample.time, {}};
  for (int j = 0; j < kJointCount; ++j) {
    entry.joints[j] = {sample.pose[j].x * static_cast<float>(sample.frame.width) / kUnitX,
                       sample.pose[j].y * static_cast<float>(sample.frame.height) / kUnitY};
  }
  entry.joints[kJointCount] =
      Between(entry.joints[static_cast<size_t>(Joint::kLeftShoulder)],
              entry.joints[static_cast<size_t>(Joint::kRightShoulder)], 0.5f);
  entries_.push_back(entry);

  const absl::Duration step = absl::Seconds(1) / kPoseLiftFps;
  const absl::Time first = sample.time - (window_ - 1) * step;
  // Keep one entry at or before the window's first frame.
  while (entries_.size() >= 2 && entries_[1].time <= first + kRounding) entries_.pop_front();
  if (entries_.front().time > first + kRounding) return std::nullopt;

  StgWindow window(static_cast<size_t>(kStgChannels) * window_ * kStgJoints);
  const size_t half = window.size() / kStgChannels;
  size_t left = 0;
  for (int t = 0; t < window_; ++t) {
    const absl::Time at = first + t * step;
    while (left + 1 < entries_.size() && entries_[left + 1].time <= at + kRounding) ++left;
    const Entry& a = entries_[left];
    const Entry& b = entries_[std::min(left + 1, entries_.size() - 1)];
    const double span = absl::ToDoubleSeconds(b.time - a.time);
    const double part = span > 0 ? absl::ToDoubleSeconds(at - a.time) / span : 0;
    for (int j = 0; j < kStgJoints; ++j) {
      const PixelPoint p =
          Between(a.joints[j], b.joints[j], static_cast<float>(std::clamp(part, 0.0, 1.0)));
      window[static_cast<size_t>(t) * kStgJoints + j] = p.x;
      window[half + static_cast<size_t>(t) * kStgJoints + j] = p.y;
    }
  }
  Normalize(window);
  return window;
}

std::vector<StgWindow> CutWindows(const std::vector<const PoseClip*>& clips, int window,
                                  int stride) {
  std::vector<StgWindow> result;
  for (const PoseClip* clip : clips) {
    for (const ClipTrack& track : clip->tracks) {
      PoseWindows windows(window);
      int until_next = 0;
      for (const ClipPose& pose : track.poses) {
        std::optional<StgWindow> next = windows.Push(ToSample(pose));
        if (!next || until_next-- > 0) continue;
        result.push_back(*std::move(next));
        until_next = stride - 1;
      }
    }
  }
  return result;
}

}  // namespace aislewatch::pose_anomaly
