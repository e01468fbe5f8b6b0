#include "services/fusion/core/risk_latch.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::fusion {
namespace {

// Bounds the window where time stands still: 0.8 s at 60 frames per second is 48.
constexpr size_t kMostFrames = 256;

}  // namespace

bool RiskLatch::Observe(double risk, const Tick& tick) {
  if (!window_.empty() && tick.now - window_.back().first > tick.gap) {
    window_.clear();
    on_ = false;
  }
  window_.emplace_back(tick.now, risk);
  const size_t least = static_cast<size_t>(std::max(1, confirmation_.min_frames));
  // A frame exactly as old as the window is outside: [now - 0.8 s, now] holds 9 frames at 10 Hz.
  while (window_.size() > least && (tick.now - window_.front().first >= confirmation_.window ||
                                    window_.size() > kMostFrames)) {
    window_.pop_front();
  }
  const double usual = tick.interval > absl::ZeroDuration()
                           ? absl::FDivDuration(confirmation_.window, tick.interval)
                           : static_cast<double>(least);
  const double expected =
      std::clamp(usual, static_cast<double>(least), static_cast<double>(kMostFrames));
  // The slack keeps 0.625 * 8 from becoming 6 by rounding.
  needed_ = std::max(1, static_cast<int>(std::ceil(confirmation_.share * expected - 1e-3)));
  if (on_) {
    on_ = risk >= confirmation_.close_ratio * threshold_;
  } else if (Confirmed(threshold_)) {
    on_ = true;
    since_ = tick.now;
    ++episode_;
  }
  return on_;
}

bool RiskLatch::Confirmed(double threshold) const {
  if (window_.size() < static_cast<size_t>(confirmation_.min_frames)) return false;
  if (window_.empty() || !(window_.back().second >= threshold)) return false;
  const auto hits = std::count_if(window_.begin(), window_.end(), [threshold](const auto& frame) {
    return frame.second >= threshold;
  });
  return hits >= needed_;
}

}  // namespace aislewatch::fusion
