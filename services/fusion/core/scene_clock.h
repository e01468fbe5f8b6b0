// The time that a stream lives in, made of capture times that may be nonsense.
//
// Cameras' clocks jump. SceneClock adds up the forward steps between capture times, so its time
// never runs backwards and goes on after a jump; it runs as fast as the video does, whatever the
// speed of the analysis. Not thread-safe.
#pragma once

#include <deque>

#include "absl/time/time.h"

namespace aislewatch::fusion {

/// One frame's place in the stream's time.
struct Tick {
  /// Never less than before.
  absl::Time now;
  /// Usual time between frames: the median of the last ones; 100 ms at first.
  absl::Duration interval = absl::Milliseconds(100);
  /// Absences up to this long are gaps, longer ones are ends; 2 s, more for slow cameras.
  absl::Duration gap = absl::Seconds(2);
  /// The capture time itself, or the last one that was finite: what is written down.
  absl::Time captured = absl::UnixEpoch();
};

class SceneClock {
 public:
  /// Takes the capture time of the next frame. One that is not finite adds no time.
  Tick Advance(absl::Time capture_time);

 private:
  absl::Duration Interval() const;

  bool started_ = false;
  absl::Time now_;
  absl::Time last_capture_;
  // Steps between the last frames, the newest last.
  std::deque<absl::Duration> steps_;
};

}  // namespace aislewatch::fusion
