// Threads that run tasks, and strands that run them in order.
//
// Thread-safe. Post never blocks and never runs the task itself. The queue is not bounded here:
// whoever posts bounds its own work (streams post at most max_in_flight items).
#pragma once

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch {

using Task = absl::AnyInvocable<void()>;

/// A fixed number of threads that run tasks in the order they were posted.
class ThreadPool {
 public:
  /// `threads` >= 1.
  explicit ThreadPool(int threads);
  /// Runs what was posted, then joins. Nothing may be posted any more.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void Post(Task task) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

/// Runs its tasks one at a time, in order, on a pool's threads. Tasks of different strands run in
/// parallel. A task that waits in a strand keeps the strand's state alive, so a Strand may be
/// destroyed at any time; tasks posted before still run. The pool must outlive it.
class Strand {
 public:
  explicit Strand(ThreadPool& pool) : state_(std::make_shared<State>(pool)) {}
  void Post(Task task) { State::Post(state_, std::move(task)); }

 private:
  struct State {
    explicit State(ThreadPool& p) : pool(p) {}
    static void Post(const std::shared_ptr<State>& state, Task task);
    static void RunOne(const std::shared_ptr<State>& state);

    ThreadPool& pool;
    absl::Mutex mutex;
    std::deque<Task> tasks ABSL_GUARDED_BY(mutex);
    bool scheduled ABSL_GUARDED_BY(mutex) = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace aislewatch
