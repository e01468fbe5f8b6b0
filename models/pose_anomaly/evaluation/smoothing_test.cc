#include "models/pose_anomaly/evaluation/smoothing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace aislewatch::pose_anomaly {
namespace {

TEST(SmoothAsPublishedTest, SpreadsAFrameOverItsNeighboursOnBothSides) {
  std::vector<float> scores(201, 0);
  scores[100] = 1;
  SmoothAsPublished(scores);
  double sum = 0, variance = 0;
  for (int i = 0; i < 201; ++i) {
    sum += scores[i];
    variance += scores[i] * (i - 100) * (i - 100);
    EXPECT_NEAR(scores[i], scores[200 - i], 1e-7);
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  // 1 + 4 + 9 + 16 + 25 + 36, less what lies beyond four deviations.
  EXPECT_NEAR(variance, 91, 1);
}

TEST(SmoothAsPublishedTest, LeavesAConstantAndTheMeanAlone) {
  std::vector<float> constant(30, 0.7f);
  SmoothAsPublished(constant);
  for (float s : constant) EXPECT_NEAR(s, 0.7f, 1e-5);
  // The mirror images at the ends bring back what is smoothed out of the clip.
  std::vector<float> step(40, 0);
  std::fill(step.begin() + 10, step.end(), 1.0f);
  SmoothAsPublished(step);
  EXPECT_NEAR(std::accumulate(step.begin(), step.end(), 0.0), 30, 1e-3);
}

TEST(SmoothAsPublishedTest, TakesClipsShorterThanItsReach) {
  std::vector<float> empty, one = {3}, two = {0, 1};
  SmoothAsPublished(empty);
  SmoothAsPublished(one);
  SmoothAsPublished(two);
  EXPECT_TRUE(empty.empty());
  EXPECT_NEAR(one[0], 3, 1e-5);
  EXPECT_NEAR(two[0] + two[1], 1, 1e-5);
  EXPECT_LE(two[0], two[1]);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
