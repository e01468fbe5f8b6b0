// Turns a trembling risk into "it is so" and "it is over": N-of-M confirmation to begin, hysteresis
// to end. Not thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "services/fusion/core/scene_clock.h"
#include "services/fusion/core/settings.h"

namespace aislewatch::fusion {

/// One condition of one track.
///
/// It begins in the first frame that reaches the threshold and in which enough of the last
/// frames did: `share` of the frames that the window would hold at the stream's usual rate, so that
/// dropped frames count against it, and of at least `min_frames`. It ends when the risk falls
/// under close_ratio * threshold, or after an absence longer than Tick::gap.
class RiskLatch {
 public:
  RiskLatch(const Confirmation& confirmation, double threshold)
      : confirmation_(confirmation), threshold_(threshold) {}

  /// Takes the risk in the next frame in which the track is seen. Returns whether the condition
  /// holds.
  bool Observe(double risk, const Tick& tick);

  /// Since when it holds; meaningful while it does.
  absl::Time since() const { return since_; }
  /// Counts the times that it began.
  uint32_t episode() const { return episode_; }
  /// Whether the risk is confirmed at another, higher threshold, too.
  bool Confirmed(double threshold) const;

 private:
  Confirmation confirmation_;
  double threshold_;
  // The risks of the window, oldest first.
  std::deque<std::pair<absl::Time, double>> window_;
  int needed_ = 0;
  bool on_ = false;
  absl::Time since_;
  uint32_t episode_ = 0;
};

}  // namespace aislewatch::fusion
