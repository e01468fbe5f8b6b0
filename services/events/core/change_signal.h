// Tells watchers that there may be new changes. It carries no data: a watcher that is slow, or was
// told twice, reads from its own cursor, so nothing piles up for it.
//
// Thread-safe. Callbacks run on the thread that calls Notify and must not block or call back into
// the signal.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch::events {

class ChangeSignal {
 public:
  using Callback = std::function<void()>;

  void Notify() {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, callback] : callbacks_) callback();
  }

  /// `callback` may run until Unsubscribe with the id returned here has returned.
  uint64_t Subscribe(Callback callback) {
    absl::MutexLock lock(&mutex_);
    callbacks_[++last_id_] = std::move(callback);
    return last_id_;
  }

  void Unsubscribe(uint64_t id) {
    absl::MutexLock lock(&mutex_);
    callbacks_.erase(id);
  }

 private:
  absl::Mutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, Callback> callbacks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::events
