// Moves a fake clock in the background, for tests in which nobody knows who waits for it.
#pragma once

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/base/clock.h"

namespace aislewatch::ingest {

class ClockMover {
 public:
  ClockMover(FakeClock& clock, absl::Duration step)
      : thread_([this, &clock, step] {
          // A moment each, so that the clock does not run away from threads that wait for it.
          while (!done_.WaitForNotificationWithTimeout(absl::Milliseconds(1))) clock.Advance(step);
        }) {}
  ~ClockMover() {
    done_.Notify();
    thread_.join();
  }

 private:
  absl::Notification done_;
  std::thread thread_;
};

}  // namespace aislewatch::ingest
