#include "models/pose_anomaly/statistics/lower_triangle.h"

#include <gtest/gtest.h>

#include <random>

namespace aislewatch::pose_anomaly {
namespace {

TEST(LowerTriangleTest, HasTheNormOfTheProductAtEverySize) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (size_t side = 1; side <= 34; ++side) {
    std::vector<double> rows(side * side), x(side);
    for (double& v : rows) v = normal(random);  // above the diagonal too: it must not count
    for (double& v : x) v = normal(random);
    double expected = 0;
    for (size_t i = 0; i < side; ++i) {
      double sum = 0;
      for (size_t j = 0; j <= i; ++j) sum += rows[i * side + j] * x[j];
      expected += sum * sum;
    }
    EXPECT_NEAR(LowerTriangle<double>(rows, side).SquaredNorm(x.data()), expected, 1e-9) << side;
  }
}

TEST(LowerTriangleTest, TakesAMatrixOutOfSeveral) {
  const std::vector<float> two = {9, 9, 9, 9, 1, 0, 2, 3};
  const float x[] = {1, 2};
  EXPECT_EQ(LowerTriangle<float>(two, 2, 4).SquaredNorm(x), 1 + 8 * 8);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
