// How many streams may be open, so that they never take the threads of plain requests.
#pragma once

#include <atomic>
#include <memory>

#include "common/base/metrics.h"

namespace aislewatch::gateway {

/// Thread-safe. Outlives its slots.
class StreamSlots {
 public:
  explicit StreamSlots(int limit) : limit_(limit) {}

  /// Held as long as the stream is open; counted in `gauge`. Null where there is no room.
  std::shared_ptr<void> Take(Gauge& gauge) {
    int used = used_.load();
    do {
      if (used >= limit_) return nullptr;
    } while (!used_.compare_exchange_weak(used, used + 1));
    gauge.Add(1);
    return std::shared_ptr<void>(this, [&gauge](void* self) {
      gauge.Add(-1);
      static_cast<StreamSlots*>(self)->used_.fetch_sub(1);
    });
  }
  int used() const { return used_.load(); }

 private:
  const int limit_;
  std::atomic<int> used_ = 0;
};

}  // namespace aislewatch::gateway
