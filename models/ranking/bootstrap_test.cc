#include "models/ranking/bootstrap.h"

#include <gtest/gtest.h>

#include <numeric>

namespace aislewatch::ranking {
namespace {

std::optional<double> Mean(absl::Span<const double> drawn, const std::vector<double>& values) {
  double sum = 0;
  for (size_t g = 0; g < drawn.size(); ++g) sum += drawn[g] * values[g];
  return sum / static_cast<double>(drawn.size());
}

TEST(BootstrapTest, DrawsAsManyGroupsAsThereAre) {
  int calls = 0;
  BootstrapIntervals(
      7,
      [&](absl::Span<const double> drawn) -> std::vector<std::optional<double>> {
        ++calls;
        EXPECT_EQ(drawn.size(), 7u);
        EXPECT_EQ(std::accumulate(drawn.begin(), drawn.end(), 0.0), 7);
        return {};
      },
      40);
  EXPECT_EQ(calls, 40);
}

TEST(BootstrapTest, IntervalOfAMeanIsThatOfItsStandardError) {
  // 100 groups, half 0 and half 1: the mean's standard error is 0.05, so 0.5 -+ 1.96 * 0.05.
  std::vector<double> values(100, 0);
  std::fill(values.begin(), values.begin() + 50, 1);
  const auto intervals = BootstrapIntervals(
      100,
      [&](auto drawn) -> std::vector<std::optional<double>> {
        return {Mean(drawn, values), 3.0, std::nullopt};
      },
      4000);
  ASSERT_EQ(intervals.size(), 3u);
  EXPECT_NEAR(intervals[0]->low, 0.402, 0.01);
  EXPECT_NEAR(intervals[0]->high, 0.598, 0.01);
  EXPECT_EQ(intervals[1]->low, 3);
  EXPECT_EQ(intervals[1]->high, 3);
  EXPECT_FALSE(intervals[2].has_value());
}

TEST(BootstrapTest, TheSeedFixesTheDraws) {
  const std::vector<double> values = {1, 2, 4, 8, 16};
  const auto figures = [&](auto drawn) -> std::vector<std::optional<double>> {
    return {Mean(drawn, values)};
  };
  const auto once = BootstrapIntervals(5, figures, 50, 3);
  const auto again = BootstrapIntervals(5, figures, 50, 3);
  EXPECT_EQ(once[0]->low, again[0]->low);
  EXPECT_EQ(once[0]->high, again[0]->high);
}

TEST(BootstrapTest, WithoutGroupsThereIsNoInterval) {
  EXPECT_TRUE(
      BootstrapIntervals(0, [](auto) { return std::vector<std::optional<double>>{1.0}; }).empty());
}

}  // namespace
}  // namespace aislewatch::ranking
