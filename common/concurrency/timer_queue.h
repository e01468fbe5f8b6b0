// Runs callbacks at a later time: reconnects, sweeps, renewals.
//
// Thread-safe. Callbacks run one after another on the queue's own thread and must not block.
#pragma once

#include <cstdint>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/concurrency/thread_pool.h"

namespace aislewatch {

class TimerQueue {
 public:
  /// `clock` must outlive the queue.
  explicit TimerQueue(Clock& clock = RealClock());
  /// Drops what is not due, waits for the callback that runs.
  ~TimerQueue();

  /// Runs `task` once `delay` from now has passed on the clock.
  void After(absl::Duration delay, Task task) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();

  Clock& clock_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  // By due time, then by order of posting.
  std::map<std::pair<absl::Time, uint64_t>, Task> tasks_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace aislewatch
