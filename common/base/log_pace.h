// Thins out log lines about single frames, of which a camera has thousands in a minute.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace aislewatch {

/// At most one line a second. Thread-safe.
class LogPace {
 public:
  /// Whether a line may be written at `now`; the next one then may a second later.
  bool Due(absl::Time now) {
    const int64_t at = absl::ToUnixNanos(now);
    int64_t next = next_.load();
    return at >= next && next_.compare_exchange_strong(next, at + kPause);
  }

 private:
  static constexpr int64_t kPause = 1'000'000'000;
  std::atomic<int64_t> next_ = INT64_MIN;
};

}  // namespace aislewatch
