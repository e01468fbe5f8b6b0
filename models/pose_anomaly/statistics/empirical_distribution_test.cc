#include "models/pose_anomaly/statistics/empirical_distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace aislewatch::pose_anomaly {
namespace {

TEST(EmpiricalDistributionTest, TellsTheFractionBelow) {
  std::vector<float> sample(5001);
  std::iota(sample.rbegin(), sample.rend(), 0.0f);  // 0..5000, falling
  const auto f = EmpiricalDistribution::Of(sample);
  ASSERT_TRUE(f.ok()) << f.status();
  EXPECT_EQ(f->FractionBelow(-1), 0);
  EXPECT_EQ(f->FractionBelow(5001), 1);
  EXPECT_NEAR(f->FractionBelow(1250), 0.25, 1e-4);
  EXPECT_NEAR(f->FractionBelow(3751.5), 0.7503, 1e-4);
}

TEST(EmpiricalDistributionTest, NeverFallsAsTheValueRises) {
  const auto f = EmpiricalDistribution::Of({3, 1, 1, 1, 2, 7, 7});
  ASSERT_TRUE(f.ok()) << f.status();
  float before = 0;
  for (float v = 0; v < 8; v += 0.01f) {
    EXPECT_GE(f->FractionBelow(v), before) << v;
    before = f->FractionBelow(v);
  }
  EXPECT_EQ(before, 1);
}

TEST(EmpiricalDistributionTest, CountsHalfOfTheTies) {
  const auto f = EmpiricalDistribution::Of({4, 4, 4, 4});
  ASSERT_TRUE(f.ok()) << f.status();
  EXPECT_FLOAT_EQ(f->FractionBelow(4), 0.5f);
  EXPECT_EQ(f->FractionBelow(3.9f), 0);
  EXPECT_EQ(f->FractionBelow(4.1f), 1);
}

TEST(EmpiricalDistributionTest, SurvivesItsQuantiles) {
  const auto f = EmpiricalDistribution::Of({0, 1, 5, 9});
  ASSERT_TRUE(f.ok()) << f.status();
  const auto copy = EmpiricalDistribution::FromQuantiles(f->quantiles());
  ASSERT_TRUE(copy.ok()) << copy.status();
  for (float v : {-1.0f, 0.5f, 3.0f, 8.0f}) {
    EXPECT_EQ(copy->FractionBelow(v), f->FractionBelow(v));
  }
}

TEST(EmpiricalDistributionTest, GivesZeroForNan) {
  const auto f = EmpiricalDistribution::Of({0, 1});
  ASSERT_TRUE(f.ok()) << f.status();
  EXPECT_EQ(f->FractionBelow(std::nanf("")), 0);
}

TEST(EmpiricalDistributionTest, RejectsWhatIsNoDistribution) {
  EXPECT_FALSE(EmpiricalDistribution::Of({}).ok());
  EXPECT_FALSE(EmpiricalDistribution::Of({1, std::nanf("")}).ok());
  EXPECT_FALSE(EmpiricalDistribution::FromQuantiles({1}).ok());
  EXPECT_FALSE(EmpiricalDistribution::FromQuantiles({2, 1}).ok());
  EXPECT_FALSE(
      EmpiricalDistribution::FromQuantiles({0, std::numeric_limits<float>::infinity()}).ok());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
