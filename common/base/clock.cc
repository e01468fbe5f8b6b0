#include "common/base/clock.h"

#include <algorithm>

namespace aislewatch {
namespace {

class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  bool WaitUntil(absl::CondVar& cv, absl::Mutex& mu, absl::Time deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    return cv.WaitWithDeadline(&mu, deadline);
  }
};

// How often a waiter on a FakeClock looks whether the clock was moved: the clock does not know its
// waiters, and a short poll in tests is simpler than a registry of them.
constexpr absl::Duration kFakePoll = absl::Milliseconds(1);

}  // namespace

Clock& RealClock() {
  static SystemClock* const clock = new SystemClock;
  return *clock;
}

absl::Time FakeClock::Now() const {
  absl::MutexLock lock(&mutex_);
  return now_;
}

bool FakeClock::WaitUntil(absl::CondVar& cv, absl::Mutex& mu, absl::Time deadline) {
  if (Now() >= deadline) return true;
  cv.WaitWithTimeout(&mu, kFakePoll);
  return Now() >= deadline;
}

void FakeClock::Advance(absl::Duration by) {
  absl::MutexLock lock(&mutex_);
  now_ += by;
}

}  // namespace aislewatch
