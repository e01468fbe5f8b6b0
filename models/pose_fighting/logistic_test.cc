#include "models/pose_fighting/logistic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace aislewatch::pose_fighting {
namespace {

constexpr float kUnseen = std::numeric_limits<float>::quiet_NaN();

// Positive where the first value is large; the second is its negative, the third a constant.
std::vector<Example> Separable() {
  std::vector<Example> examples;
  for (size_t i = 0; i < 40; ++i) {
    const float x = static_cast<float>(i) / 10;
    examples.push_back({{x, -x, 5}, i >= 20, i});
  }
  return examples;
}

TEST(Logistic, LearnsWhichValuesTellAndHoldsToTheSigns) {
  const auto free = FitLogistic(Separable(), {0, 0, 0});
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_GT(free->weight[0], 0.5f);
  EXPECT_LT(free->weight[1], -0.5f);
  EXPECT_NEAR(free->weight[2], 0, 1e-4);
  EXPECT_GT(free->LogOdds({3.9f, -3.9f, 5}), 1);
  EXPECT_LT(free->LogOdds({0.0f, 0.0f, 5}), 0);
  // Both signs hold it back: the second may only count the other way round.
  const auto held = FitLogistic(Separable(), {1, 1, 0});
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_GT(held->weight[0], 0.5f);
  EXPECT_EQ(held->weight[1], 0);
}

TEST(Logistic, ReachesTheMinimumOfItsLoss) {
  // One feature, standardised to -1 and 1: the gradient of 2 log(1 + e^-w) + w^2 / 2, each of four
  // clips weighing one, is w - 4 / (1 + e^w).
  const auto model =
      FitLogistic({{{-1}, false, 0}, {{-1}, false, 1}, {{1}, true, 2}, {{1}, true, 3}}, {0});
  ASSERT_TRUE(model.ok()) << model.status();
  const float w = model->weight[0];
  EXPECT_NEAR(w, 4 / (1 + std::exp(w)), 1e-3);
  EXPECT_NEAR(model->bias, 0, 1e-4);
}

TEST(Logistic, AClipCountsTheSameHoweverManyExamplesItGave) {
  std::vector<Example> examples = Separable();
  const auto once = FitLogistic(examples, {0, 0, 0});
  for (int i = 0; i < 100; ++i) examples.push_back(examples[0]);
  const auto repeated = FitLogistic(examples, {0, 0, 0});
  ASSERT_TRUE(once.ok() && repeated.ok());
  EXPECT_NEAR(once->weight[0], repeated->weight[0], 1e-3);
}

TEST(Logistic, WhatIsNotKnownSaysNothing) {
  std::vector<Example> examples = Separable();
  examples[3].values[0] = kUnseen;
  const auto model = FitLogistic(examples, {0, 0, 0});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_TRUE(model->Validate().ok());
  EXPECT_FLOAT_EQ(model->LogOdds({kUnseen, kUnseen, kUnseen}), model->bias);
  EXPECT_TRUE(std::isfinite(model->LogOdds({1e30f, -1e30f, 5})));
}

TEST(Logistic, RefusesWhatCannotBeLearntFrom) {
  EXPECT_FALSE(FitLogistic({}, {0}).ok());
  EXPECT_FALSE(FitLogistic({{{1}, true, 0}, {{2}, true, 1}}, {0}).ok());
  EXPECT_FALSE(FitLogistic({{{1, 2}, true, 0}, {{2}, false, 1}}, {0}).ok());
  Logistic broken{{0}, {0}, {1}, 0};
  EXPECT_FALSE(broken.Validate().ok());
  broken = {{0}, {1}, {kUnseen}, 0};
  EXPECT_FALSE(broken.Validate().ok());
  broken = {{0, 1}, {1}, {1}, 0};
  EXPECT_FALSE(broken.Validate().ok());
}

}  // namespace
}  // namespace aislewatch::pose_fighting
