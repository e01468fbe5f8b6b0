#include "common/concurrency/timer_queue.h"

namespace aislewatch {

TimerQueue::TimerQueue(Clock& clock) : clock_(clock), thread_([this] { Run(); }) {}

TimerQueue::~TimerQueue() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  thread_.join();
}

void TimerQueue::After(absl::Duration delay, Task task) {
  absl::MutexLock lock(&mutex_);
  tasks_.emplace(std::pair(clock_.Now() + delay, next_id_++), std::move(task));
  changed_.SignalAll();
}

void TimerQueue::Run() {
  mutex_.Lock();
  while (!stopping_) {
    if (tasks_.empty()) {
      changed_.Wait(&mutex_);
      continue;
    }
    const absl::Time due = tasks_.begin()->first.first;
    if (clock_.Now() < due) {
      clock_.WaitUntil(changed_, mutex_, due);
      continue;
    }
    Task task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    mutex_.Unlock();
    task();
    task = nullptr;
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace aislewatch
