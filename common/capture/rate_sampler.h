// Chooses frames for a lower rate.
#pragma once

#include "absl/time/time.h"

namespace aislewatch {

/// Takes frames at a steady rate by their capture times: the first frame at or after each tick of
/// a grid, so that the average rate does not drift whatever the camera's own rate is. After a gap
/// or a jump of the camera's clock the grid starts anew. Not thread-safe.
class RateSampler {
 public:
  /// `fps` > 0: frames a second to take; infinity takes every frame.
  explicit RateSampler(double fps) : period_(absl::Seconds(1) / fps) {}

  /// Whether to take the frame captured at `time`.
  bool Take(absl::Time time) {
    // Time stamps are often rounded to milliseconds.
    constexpr absl::Duration kRounding = absl::Milliseconds(1);
    if (time + kRounding < due_ && due_ - time <= 2 * period_) return false;
    const bool steady = time + kRounding >= due_ && time < due_ + period_;
    due_ = (steady ? due_ : time) + period_;
    return true;
  }

 private:
  const absl::Duration period_;
  absl::Time due_ = absl::InfinitePast();
};

}  // namespace aislewatch
