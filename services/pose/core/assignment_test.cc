#include "services/pose/core/assignment.h"

#include <algorithm>
#include <limits>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::pose {
namespace {

using ::testing::ElementsAre;

CostMatrix Matrix(const std::vector<std::vector<double>>& rows) {
  CostMatrix costs(rows.size(), rows.empty() ? 0 : rows[0].size());
  for (size_t r = 0; r < costs.rows(); ++r) {
    for (size_t c = 0; c < costs.columns(); ++c) costs.at(r, c) = rows[r][c];
  }
  return costs;
}

// What an assignment costs, by the definition in the header.
double TotalCost(const CostMatrix& costs, const std::vector<int>& columns, double max_cost) {
  double total = 0;
  size_t paired = 0;
  for (size_t r = 0; r < columns.size(); ++r) {
    if (columns[r] == kUnassigned) continue;
    total += costs.at(r, columns[r]);
    ++paired;
  }
  return total + max_cost * static_cast<double>(std::min(costs.rows(), costs.columns()) - paired);
}

// Tries every pairing.
double BestByTrial(const CostMatrix& costs, double max_cost, size_t row, std::vector<int>& taken) {
  if (row == costs.rows()) {
    std::vector<int> columns(taken.begin(), taken.end());
    return TotalCost(costs, columns, max_cost);
  }
  taken.push_back(kUnassigned);
  double best = BestByTrial(costs, max_cost, row + 1, taken);
  taken.pop_back();
  for (int c = 0; c < static_cast<int>(costs.columns()); ++c) {
    if (std::count(taken.begin(), taken.end(), c) > 0 || !(costs.at(row, c) < max_cost)) continue;
    taken.push_back(c);
    best = std::min(best, BestByTrial(costs, max_cost, row + 1, taken));
    taken.pop_back();
  }
  return best;
}

TEST(Assignment, PrefersTheCheaperSumToTheCheapestPair) {
  EXPECT_THAT(Assign(Matrix({{1, 2}, {2, 9}}), 100), ElementsAre(1, 0));
}

TEST(Assignment, LeavesExpensivePairsApart) {
  EXPECT_THAT(Assign(Matrix({{0.2, 0.9}, {0.9, 0.95}}), 0.9), ElementsAre(0, kUnassigned));
  EXPECT_THAT(Assign(Matrix({{1.0}}), 1.0), ElementsAre(kUnassigned));
}

TEST(Assignment, NeverPairsInfiniteOrUndefinedCosts) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Assign(Matrix({{inf, nan}, {0.5, inf}}), 1), ElementsAre(kUnassigned, 0));
}

TEST(Assignment, TakesMoreRowsThanColumnsAndFewer) {
  EXPECT_THAT(Assign(Matrix({{3}, {1}, {2}}), 10), ElementsAre(kUnassigned, 0, kUnassigned));
  EXPECT_THAT(Assign(Matrix({{3, 1, 2}}), 10), ElementsAre(1));
  EXPECT_THAT(Assign(CostMatrix(2, 0), 10), ElementsAre(kUnassigned, kUnassigned));
  EXPECT_THAT(Assign(CostMatrix(0, 2), 10), ElementsAre());
}

TEST(Assignment, IsAsCheapAsTheBestOfAllPairings) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> cost(0, 2);
  for (int round = 0; round < 300; ++round) {
    CostMatrix costs(1 + random() % 5, 1 + random() % 5);
    for (size_t r = 0; r < costs.rows(); ++r) {
      for (size_t c = 0; c < costs.columns(); ++c) costs.at(r, c) = cost(random);
    }
    std::vector<int> taken;
    const double best = BestByTrial(costs, 1.0, 0, taken);
    EXPECT_NEAR(TotalCost(costs, Assign(costs, 1.0), 1.0), best, 1e-9) << "round " << round;
  }
}

}  // namespace
}  // namespace aislewatch::pose
