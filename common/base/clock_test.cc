#include "common/base/clock.h"

#include <thread>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

TEST(FakeClock, WakesAWaiterWhenItsDeadlinePasses) {
  FakeClock clock(absl::UnixEpoch());
  absl::Mutex mutex;
  absl::CondVar cv;
  bool passed = false;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    while (!clock.WaitUntil(cv, mutex, absl::UnixEpoch() + absl::Seconds(5))) {
    }
    passed = true;
  });
  clock.Advance(absl::Seconds(6));
  waiter.join();
  EXPECT_TRUE(passed);
}

TEST(FakeClock, StandsStillUntilAdvanced) {
  FakeClock clock(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  clock.Advance(absl::Milliseconds(250));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() + absl::Milliseconds(250));
}

}  // namespace
}  // namespace aislewatch
