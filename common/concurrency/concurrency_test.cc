#include <atomic>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/concurrency/thread_pool.h"
#include "common/concurrency/timer_queue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

TEST(ThreadPool, RunsEverythingPostedBeforeItEnds) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(3);
    for (int i = 0; i < 1000; ++i) pool.Post([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(Strand, KeepsOrderWhileOthersRunInParallel) {
  ThreadPool pool(4);
  constexpr int kStrands = 8;
  constexpr int kTasks = 500;
  std::vector<Strand> strands(kStrands, Strand(pool));
  for (auto& strand : strands) strand = Strand(pool);
  std::vector<std::vector<int>> order(kStrands);
  absl::BlockingCounter left(kStrands * kTasks);
  for (int i = 0; i < kTasks; ++i) {
    for (int s = 0; s < kStrands; ++s) {
      strands[s].Post([&, s, i] {
        order[s].push_back(i);  // Unsynchronised on purpose: the strand must serialise it.
        left.DecrementCount();
      });
    }
  }
  left.Wait();
  for (const auto& seen : order) {
    ASSERT_EQ(seen.size(), kTasks);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  }
}

TEST(Strand, MayEndBeforeItsTasks) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(1);
    absl::Notification go;
    pool.Post([&] { go.WaitForNotification(); });
    {
      Strand strand(pool);
      for (int i = 0; i < 10; ++i) strand.Post([&] { ++ran; });
    }
    go.Notify();
  }
  EXPECT_EQ(ran, 10);
}

TEST(TimerQueue, RunsInOrderOfTimeAndNotBefore) {
  FakeClock clock(absl::UnixEpoch());
  TimerQueue timers(clock);
  std::vector<int> order;
  absl::Notification first, all;
  timers.After(absl::Seconds(2), [&] {
    order.push_back(2);
    all.Notify();
  });
  timers.After(absl::Seconds(1), [&] {
    order.push_back(1);
    first.Notify();
  });
  clock.Advance(absl::Seconds(1));
  first.WaitForNotification();
  EXPECT_FALSE(all.HasBeenNotified());
  clock.Advance(absl::Seconds(1));
  all.WaitForNotification();
  EXPECT_THAT(order, testing::ElementsAre(1, 2));
}

TEST(TimerQueue, DropsWhatIsNotDueAtItsEnd) {
  bool ran = false;
  {
    FakeClock clock(absl::UnixEpoch());
    TimerQueue timers(clock);
    timers.After(absl::Hours(1), [&] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace aislewatch
