#include "common/concurrency/thread_pool.h"

#include <utility>

namespace aislewatch {

ThreadPool::ThreadPool(int threads) {
  threads_.reserve(threads);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

ThreadPool::~ThreadPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::Post(Task task) {
  absl::MutexLock lock(&mutex_);
  tasks_.push_back(std::move(task));
}

void ThreadPool::Run() {
  const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !tasks_.empty();
  };
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_work));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

void Strand::State::Post(const std::shared_ptr<State>& state, Task task) {
  {
    absl::MutexLock lock(&state->mutex);
    state->tasks.push_back(std::move(task));
    if (state->scheduled) return;
    state->scheduled = true;
  }
  state->pool.Post([state] { RunOne(state); });
}

// One task per turn on the pool, so that a busy strand does not starve the others.
void Strand::State::RunOne(const std::shared_ptr<State>& state) {
  Task task;
  {
    absl::MutexLock lock(&state->mutex);
    task = std::move(state->tasks.front());
    state->tasks.pop_front();
  }
  task();
  task = nullptr;  // What the task owns goes before the next one runs.
  {
    absl::MutexLock lock(&state->mutex);
    if (state->tasks.empty()) {
      state->scheduled = false;
      return;
    }
  }
  state->pool.Post([state] { RunOne(state); });
}

}  // namespace aislewatch
