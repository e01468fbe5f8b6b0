#include "services/fusion/core/scene_clock.h"

#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

TEST(SceneClock, FollowsCaptureTime) {
  SceneClock clock;
  EXPECT_EQ(clock.Advance(kStart).now, kStart);
  EXPECT_EQ(clock.Advance(kStart + absl::Seconds(3)).now, kStart + absl::Seconds(3));
}

TEST(SceneClock, NeverRunsBackAndGoesOnAfterAJump) {
  SceneClock clock;
  clock.Advance(kStart);
  clock.Advance(kStart + absl::Seconds(1));
  EXPECT_EQ(clock.Advance(kStart - absl::Hours(1)).now, kStart + absl::Seconds(1));
  EXPECT_EQ(clock.Advance(kStart - absl::Hours(1) + absl::Seconds(2)).now,
            kStart + absl::Seconds(3));
}

TEST(SceneClock, TimesThatAreNotFiniteAddNothing) {
  SceneClock clock;
  clock.Advance(kStart);
  EXPECT_EQ(clock.Advance(absl::InfiniteFuture()).now, kStart);
  EXPECT_EQ(clock.Advance(absl::InfinitePast()).now, kStart);
  EXPECT_EQ(clock.Advance(kStart + absl::Seconds(1)).now, kStart + absl::Seconds(1));
}

TEST(SceneClock, ALeapOfYearsIsADayAtMost) {
  SceneClock clock;
  clock.Advance(kStart);
  EXPECT_EQ(clock.Advance(kStart + absl::Hours(24 * 365 * 200)).now, kStart + absl::Hours(24));
}

TEST(SceneClock, ToleratesLongerGapsOfSlowCameras) {
  SceneClock fast;
  SceneClock slow;
  Tick fast_tick;
  Tick slow_tick;
  for (int i = 0; i < 20; ++i) {
    fast_tick = fast.Advance(kStart + i * absl::Milliseconds(100));
    slow_tick = slow.Advance(kStart + i * absl::Seconds(5));
  }
  EXPECT_EQ(fast_tick.interval, absl::Milliseconds(100));
  EXPECT_EQ(fast_tick.gap, absl::Seconds(2));
  EXPECT_EQ(slow_tick.interval, absl::Seconds(5));
  EXPECT_EQ(slow_tick.gap, absl::Seconds(12.5));
}

TEST(SceneClock, OneOutageDoesNotChangeTheInterval) {
  SceneClock clock;
  for (int i = 0; i < 10; ++i) clock.Advance(kStart + i * absl::Milliseconds(100));
  EXPECT_EQ(clock.Advance(kStart + absl::Minutes(5)).interval, absl::Milliseconds(100));
}

}  // namespace
}  // namespace aislewatch::fusion
