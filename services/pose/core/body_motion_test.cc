#include "services/pose/core/body_motion.h"

#include "gtest/gtest.h"

namespace aislewatch::pose {
namespace {

constexpr absl::Duration kStep = absl::Milliseconds(100);

BodyMotion Walker(double speed, int frames) {
  BodyMotion motion({0, 0.5, 0.2, 0.5}, {});
  for (int i = 1; i <= frames; ++i) {
    motion.Predict(kStep, false);
    motion.Correct({speed * 0.1 * i, 0.5, 0.2, 0.5});
  }
  return motion;
}

TEST(BodyMotion, LearnsTheVelocityOfAWalker) {
  const BodyMotion motion = Walker(0.4, 20);
  EXPECT_NEAR(motion.velocity_x(), 0.4, 0.02);
  EXPECT_NEAR(motion.velocity_y(), 0.0, 0.01);
}

TEST(BodyMotion, OnePredictionOfASecondEqualsTenOfATenth) {
  BodyMotion once = Walker(0.4, 20), often = once;
  once.Predict(absl::Seconds(1), false);
  for (int i = 0; i < 10; ++i) often.Predict(kStep, false);
  EXPECT_NEAR(once.box().x, often.box().x, 1e-9);
  // And so do their uncertainties, which show in how far a measurement moves them.
  once.Correct({2, 0.5, 0.2, 0.5});
  often.Correct({2, 0.5, 0.2, 0.5});
  EXPECT_NEAR(once.box().x, often.box().x, 1e-9);
}

TEST(BodyMotion, SlowsDownWhileUnseenAndKeepsItsSize) {
  BodyMotion motion = Walker(0.4, 20);
  const double start = motion.box().x;
  for (int i = 0; i < 30; ++i) motion.Predict(kStep, true);
  EXPECT_GT(motion.box().x, start + 0.2);
  EXPECT_LT(motion.box().x, start + 0.45) << "a coast of one second's way at most";
  EXPECT_LT(motion.velocity_x(), 0.05);
  EXPECT_NEAR(motion.box().height, 0.5, 1e-6);
}

TEST(BodyMotion, SidesStayPositive) {
  BodyMotion motion({0.5, 0.5, 0.2, 0.5}, {});
  for (int i = 0; i < 5; ++i) {
    motion.Predict(kStep, false);
    motion.Correct({0.5, 0.5, 0.2 - 0.039 * i, 0.5 - 0.099 * i});
  }
  motion.Predict(absl::Seconds(10), false);
  EXPECT_GT(motion.box().width, 0);
  EXPECT_GT(motion.box().height, 0);
}

TEST(BodyMotion, APredictionOfNoTimeChangesNothing) {
  BodyMotion motion = Walker(0.4, 5);
  const double x = motion.box().x;
  motion.Predict(absl::ZeroDuration(), false);
  EXPECT_EQ(motion.box().x, x);
}

}  // namespace
}  // namespace aislewatch::pose
