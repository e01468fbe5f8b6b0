#include "models/pose_anomaly/statistics/gaussian_mixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace aislewatch::pose_anomaly {
namespace {

constexpr double kPi = 3.14159265358979323846;

TEST(GaussianMixtureTest, HasTheDensityOfAStandardNormal) {
  const GaussianMixture normal{2, 1, {1}, {0, 0}, {1, 0, 0, 1}};
  ASSERT_TRUE(normal.Validate().ok());
  EXPECT_NEAR(MixtureDensity(normal).LogDensity({0, 0}), -std::log(2 * kPi), 1e-5);
  EXPECT_NEAR(MixtureDensity(normal).LogDensity({3, 4}), -std::log(2 * kPi) - 12.5, 1e-4);
}

TEST(GaussianMixtureTest, AddsComponentsByWeight) {
  const GaussianMixture two{1, 2, {0.25f, 0.75f}, {0, 2}, {1, 2}};
  const double p = 0.25 * std::exp(-0.5) / std::sqrt(2 * kPi) +
                   0.75 * 2 * std::exp(-0.5 * 4) / std::sqrt(2 * kPi);
  EXPECT_NEAR(MixtureDensity(two).LogDensity({1}), std::log(p), 1e-5);
}

TEST(GaussianMixtureTest, StaysFiniteFarAway) {
  const GaussianMixture normal{1, 2, {0.5f, 0.5f}, {0, 1}, {1, 1}};
  EXPECT_TRUE(std::isfinite(MixtureDensity(normal).LogDensity({1e6f})));
}

TEST(GaussianMixtureTest, RejectsWrongSizesAndPrecisions) {
  EXPECT_FALSE((GaussianMixture{2, 1, {1}, {0}, {1, 0, 0, 1}}).Validate().ok());
  EXPECT_FALSE((GaussianMixture{1, 1, {1}, {0}, {-1}}).Validate().ok());
  EXPECT_FALSE((GaussianMixture{1, 1, {0}, {0}, {1}}).Validate().ok());
}

// Two clouds, one twice as large and correlated.
std::vector<float> TwoClouds() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> rows;
  for (int i = 0; i < 3000; ++i) {
    const float a = normal(random), b = normal(random);
    if (i % 3 == 0) {
      rows.insert(rows.end(), {10 + 0.5f * a, -5 + 0.5f * b});
    } else {
      rows.insert(rows.end(), {a, 0.8f * a + 0.6f * b});
    }
  }
  return rows;
}

TEST(FitGaussianMixtureTest, FindsCloudsWithTheirShapes) {
  MixtureFitOptions options;
  options.components = 2;
  const auto mixture = FitGaussianMixture(TwoClouds(), 2, options);
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  const int far = mixture->means[0] > mixture->means[2] ? 0 : 1;
  EXPECT_NEAR(mixture->weights[far], 1.0 / 3, 0.01);
  EXPECT_NEAR(mixture->means[2 * far], 10, 0.1);
  EXPECT_NEAR(mixture->means[2 * far + 1], -5, 0.1);
  // The near cloud's variance is 1 along x, and y given x varies by 0.6.
  const float* near = mixture->precision_factors.data() + 4 * (1 - far);
  EXPECT_NEAR(near[0], 1, 0.06);
  EXPECT_NEAR(near[3], 1 / 0.6, 0.1);
  const MixtureDensity density(*mixture);
  EXPECT_GT(density.LogDensity({1, 0.8f}), density.LogDensity({1, -0.8f}));
}

TEST(FitGaussianMixtureTest, IsTheSameForTheSameSeed) {
  MixtureFitOptions options;
  options.components = 3;
  options.seed = 7;
  const auto a = FitGaussianMixture(TwoClouds(), 2, options);
  const auto b = FitGaussianMixture(TwoClouds(), 2, options);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->means, b->means);
  EXPECT_EQ(a->precision_factors, b->precision_factors);
}

TEST(FitGaussianMixtureTest, RegularizesConstantData) {
  MixtureFitOptions options;
  options.components = 1;
  const std::vector<float> rows(20, 3.0f);
  const auto mixture = FitGaussianMixture(rows, 2, options);
  ASSERT_TRUE(mixture.ok()) << mixture.status();
  EXPECT_NEAR(mixture->precision_factors[0], 1 / std::sqrt(1e-3), 0.1);
}

TEST(FitGaussianMixtureTest, RejectsTooFewRows) {
  EXPECT_FALSE(FitGaussianMixture({1, 2, 3}, 1, {}).ok());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
