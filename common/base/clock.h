// Time that can be injected.
//
// Code that waits or expires takes a Clock; tests pass a FakeClock and move it by hand, so no test
// sleeps. Thread-safe. RealClock() lives for ever.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace aislewatch {

/// Tells the time and waits for it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The wall-clock time now.
  virtual absl::Time Now() const = 0;
  /// Waits on `cv` with `mu` held until it is signalled or `deadline` has passed on this clock.
  /// Returns whether the deadline has passed. May wake early; callers loop on their condition.
  virtual bool WaitUntil(absl::CondVar& cv, absl::Mutex& mu, absl::Time deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) = 0;
};

/// The system's clock.
Clock& RealClock();

/// A clock that stands still until told otherwise. Advance() wakes every waiter.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override;
  bool WaitUntil(absl::CondVar& cv, absl::Mutex& mu, absl::Time deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void Advance(absl::Duration by);

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch
