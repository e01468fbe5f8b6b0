#include "services/fusion/core/risk_latch.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

constexpr double kThreshold = 0.7;

// Plays risks through a clock and a latch; 'x' is high, 'm' between the thresholds, '.' low,
// ' ' a frame in which the track is not seen. Returns what the latch said: '1', '0', ' '.
std::string Play(const std::string& risks, absl::Duration step) {
  SceneClock clock;
  RiskLatch latch(Confirmation(), kThreshold);
  absl::Time now = absl::UnixEpoch();
  std::string said;
  for (char c : risks) {
    const Tick tick = clock.Advance(now += step);
    if (c == ' ') {
      said += ' ';
      continue;
    }
    const double risk = c == 'x' ? 0.9 : c == 'm' ? 0.5 : 0.1;
    said += latch.Observe(risk, tick) ? '1' : '0';
  }
  return said;
}

TEST(RiskLatch, ConfirmsFiveOfEightAtTenFramesPerSecond) {
  const absl::Duration step = absl::Milliseconds(100);
  EXPECT_EQ(Play("........xxxxx", step), "0000000000001");
  EXPECT_EQ(Play("........xxxx....", step), "0000000000000000");
  EXPECT_EQ(Play("x.x.x.xx", step), "00000001");
  EXPECT_EQ(Play("x.x.x.x.x.x.x.x.", step), "0000000000000000");
}

TEST(RiskLatch, BeginsOnlyInAFrameThatReachesTheThreshold) {
  EXPECT_EQ(Play("xxxx.x", absl::Milliseconds(100)), "000001");
}

TEST(RiskLatch, HoldsUntilTheRiskFallsUnderTheClosingThreshold) {
  EXPECT_EQ(Play("xxxxxmmmmm.mmm", absl::Milliseconds(100)), "00001111110000");
}

TEST(RiskLatch, MustBeConfirmedAnewAfterItEnded) {
  EXPECT_EQ(Play("xxxxx..........xxxxx", absl::Milliseconds(100)), "00001000000000000001");
}

TEST(RiskLatch, NeedsTheSameTimeAtOtherRates) {
  EXPECT_EQ(Play("xxxxxxxxxxxxxxx", absl::Milliseconds(50)), "000000000111111");
  EXPECT_EQ(Play("..xxx", absl::Milliseconds(200)), "00001");
  // At two frames per second two of three have to do.
  EXPECT_EQ(Play("...xxxx", absl::Milliseconds(500)), "0000111");
}

TEST(RiskLatch, FramesThatAreMissingCountAgainstIt) {
  EXPECT_EQ(Play("......x x x x x x", absl::Milliseconds(100)), "0000000 0 0 0 0 0");
}

TEST(RiskLatch, ALongAbsenceBeginsAnew) {
  std::string gap(25, ' ');
  EXPECT_EQ(Play("xxxxx" + gap + "x", absl::Milliseconds(100)), "00001" + gap + "0");
  EXPECT_EQ(Play("xxxxx" + std::string(10, ' ') + "x", absl::Milliseconds(100)),
            "00001" + std::string(10, ' ') + "1");
}

TEST(RiskLatch, NanNeitherBeginsNorKeepsIt) {
  RiskLatch latch(Confirmation(), kThreshold);
  Tick tick;
  tick.now = absl::UnixEpoch();
  for (int i = 0; i < 20; ++i) {
    tick.now += absl::Milliseconds(100);
    EXPECT_FALSE(latch.Observe(std::numeric_limits<double>::quiet_NaN(), tick));
  }
}

TEST(RiskLatch, StandingTimeDoesNotGrowTheWindowForEver) {
  RiskLatch latch(Confirmation(), kThreshold);
  Tick tick;
  tick.now = absl::UnixEpoch();
  for (int i = 0; i < 100000; ++i) latch.Observe(0.1, tick);
  for (int i = 0; i < 256; ++i) latch.Observe(0.9, tick);
  EXPECT_TRUE(latch.Confirmed(kThreshold));
}

}  // namespace
}  // namespace aislewatch::fusion
