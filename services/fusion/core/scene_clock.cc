#include "services/fusion/core/scene_clock.h"

#include <algorithm>
#include <vector>

namespace aislewatch::fusion {
namespace {

constexpr size_t kSteps = 9;
// A clock that jumps by years must not overflow what is computed from it.
constexpr absl::Duration kLongestStep = absl::Hours(24);
constexpr absl::Duration kLeastGap = absl::Seconds(2);
constexpr absl::Duration kMostGap = absl::Seconds(30);

bool IsFinite(absl::Time time) {
  return time != absl::InfiniteFuture() && time != absl::InfinitePast();
}

}  // namespace

Tick SceneClock::Advance(absl::Time capture_time) {
  if (!IsFinite(capture_time)) capture_time = last_capture_;
  if (!started_) {
    started_ = true;
    now_ = capture_time;
  } else if (capture_time > last_capture_) {
    const absl::Duration step = std::min(capture_time - last_capture_, kLongestStep);
    now_ += step;
    steps_.push_back(step);
    if (steps_.size() > kSteps) steps_.pop_front();
  }
  last_capture_ = capture_time;
  Tick tick{now_};
  tick.captured = last_capture_;
  if (!steps_.empty()) tick.interval = Interval();
  tick.gap = std::clamp(2.5 * tick.interval, kLeastGap, kMostGap);
  return tick;
}

absl::Duration SceneClock::Interval() const {
  std::vector<absl::Duration> sorted(steps_.begin(), steps_.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace aislewatch::fusion
