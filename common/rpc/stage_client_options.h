// How patient a stage client is. Plain values.
#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace aislewatch {

struct StageClientOptions {
  /// Items that may wait here beyond those on the wire; >= 1.
  size_t max_waiting = 64;
  /// How long an item waits for a stage that is away; infinite is allowed.
  absl::Duration patience = absl::Milliseconds(300);
  /// First and longest pause between attempts to open the stream.
  absl::Duration backoff_min = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(2);
  /// An unanswered item this old means that the stream hangs.
  absl::Duration stall_timeout = absl::Seconds(10);
  /// Streams on which one item may be tried; >= 1.
  int max_attempts = 3;
};

}  // namespace aislewatch
