// Threads for connections, made as they are needed up to a limit; more connections wait.
#pragma once

#include <httplib.h>

#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch::gateway {

/// Thread-safe. Its threads end with shutdown().
class ConnectionThreads final : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(int limit) : limit_(static_cast<size_t>(limit)) {}

  // Returns nothing in cpp-httplib 0.11 and whether it was taken in 0.18.
  using EnqueueResult =
      decltype(std::declval<httplib::TaskQueue&>().enqueue(std::declval<std::function<void()>>()));

  EnqueueResult enqueue(std::function<void()> task) override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
    if (tasks_.size() > idle_ && threads_.size() < limit_) {
      threads_.emplace_back([this] { Run(); });
    }
    return EnqueueResult(true);
  }
  void shutdown() override ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
  }
  /// Whether connections wait for a thread and there will be no other.
  bool crowded() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return threads_.size() == limit_ && tasks_.size() > idle_;
  }

 private:
  void Run() {
    const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return stopping_ || !tasks_.empty();
    };
    while (true) {
      std::function<void()> task;
      {
        absl::MutexLock lock(&mutex_);
        ++idle_;
        mutex_.Await(absl::Condition(&ready));
        --idle_;
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  const size_t limit_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread>
      threads_;  // Grown under mutex_; joined when nothing is enqueued any more.
};

}  // namespace aislewatch::gateway
