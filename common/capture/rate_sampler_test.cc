#include "common/capture/rate_sampler.h"

#include <limits>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

int Taken(RateSampler& sampler, double camera_fps, int frames, absl::Time start) {
  int taken = 0;
  for (int i = 0; i < frames; ++i) taken += sampler.Take(start + i * absl::Seconds(1 / camera_fps));
  return taken;
}

TEST(RateSampler, KeepsTheRateWhateverTheCamerasRateIs) {
  for (const double camera_fps : {10.0, 12.0, 15.0, 25.0, 29.97, 60.0}) {
    RateSampler sampler(10);
    const int seconds = 100;
    EXPECT_NEAR(Taken(sampler, camera_fps, static_cast<int>(seconds * camera_fps),
                      absl::UnixEpoch()),
                seconds * 10, 1)
        << camera_fps;
  }
}

TEST(RateSampler, TakesEverythingOfASlowerCamera) {
  RateSampler sampler(10);
  EXPECT_EQ(Taken(sampler, 5, 50, absl::UnixEpoch()), 50);
  RateSampler every(std::numeric_limits<double>::infinity());
  EXPECT_EQ(Taken(every, 60, 120, absl::UnixEpoch()), 120);
}

TEST(RateSampler, AbsorbsTimeStampsRoundedToMilliseconds) {
  RateSampler sampler(30);
  int taken = 0;
  for (int i = 0; i < 300; ++i) {
    taken += sampler.Take(absl::UnixEpoch() + absl::Milliseconds(i * 1000 / 30));
  }
  EXPECT_GE(taken, 299);
}

TEST(RateSampler, StartsAnewAfterAGapOrAJumpBack) {
  RateSampler sampler(10);
  EXPECT_TRUE(sampler.Take(absl::FromUnixSeconds(100)));
  EXPECT_TRUE(sampler.Take(absl::FromUnixSeconds(500)));
  EXPECT_FALSE(sampler.Take(absl::FromUnixSeconds(500) + absl::Milliseconds(40)));
  EXPECT_TRUE(sampler.Take(absl::FromUnixSeconds(90)));
  EXPECT_FALSE(sampler.Take(absl::FromUnixSeconds(90) + absl::Milliseconds(40)));
}

}  // namespace
}  // namespace aislewatch
