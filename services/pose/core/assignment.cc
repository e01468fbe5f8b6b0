#include "services/pose/core/assignment.h"

#include <limits>
#include <utility>

namespace aislewatch::pose {
namespace {

// Solves for rows <= columns; rows and columns count from 1, and column 0 stands for "the row that
// is being added".
class AugmentingPaths {
 public:
  AugmentingPaths(const CostMatrix& costs, double max_cost, bool transposed)
      : costs_(costs),
        max_cost_(max_cost),
        transposed_(transposed),
        rows_(transposed ? costs.columns() : costs.rows()),
        columns_(transposed ? costs.rows() : costs.columns()),
        row_potential_(rows_ + 1, 0.0),
        column_potential_(columns_ + 1, 0.0),
        row_of_column_(columns_ + 1, 0),
        previous_(columns_ + 1, 0) {}

  // The row of each column, from 1; 0 for none.
  const std::vector<size_t>& Solve() {
    for (size_t row = 1; row <= rows_; ++row) {
      row_of_column_[0] = row;
      Flip(CheapestFreeColumn());
    }
    return row_of_column_;
  }

  // The cost as the solver sees it: what may not be paired costs as much as staying apart.
  double Cost(size_t row, size_t column) const {
    const double cost =
        transposed_ ? costs_.at(column - 1, row - 1) : costs_.at(row - 1, column - 1);
    return cost < max_cost_ ? cost : max_cost_;
  }

 private:
  // Dijkstra over reduced costs from the row in column 0 to the nearest free column.
  size_t CheapestFreeColumn() {
    std::vector<double> distance(columns_ + 1, std::numeric_limits<double>::infinity());
    std::vector<bool> visited(columns_ + 1, false);
    size_t column = 0;
    do {
      visited[column] = true;
      const size_t row = row_of_column_[column];
      double delta = std::numeric_limits<double>::infinity();
      size_t next = 0;
      for (size_t j = 1; j <= columns_; ++j) {
        if (visited[j]) continue;
        const double reduced = Cost(row, j) - row_potential_[row] - column_potential_[j];
        if (reduced < distance[j]) {
          distance[j] = reduced;
          previous_[j] = column;
        }
        if (distance[j] < delta) {
          delta = distance[j];
          next = j;
        }
      }
      for (size_t j = 0; j <= columns_; ++j) {
        if (visited[j]) {
          row_potential_[row_of_column_[j]] += delta;
          column_potential_[j] -= delta;
        } else {
          distance[j] -= delta;
        }
      }
      column = next;
    } while (row_of_column_[column] != 0);
    return column;
  }

  // Moves every row on the path to the free column one step along it.
  void Flip(size_t column) {
    while (column != 0) {
      const size_t before = previous_[column];
      row_of_column_[column] = row_of_column_[before];
      column = before;
    }
  }

  const CostMatrix& costs_;
  const double max_cost_;
  const bool transposed_;
  const size_t rows_;
  const size_t columns_;
  std::vector<double> row_potential_;
  std::vector<double> column_potential_;
  std::vector<size_t> row_of_column_;
  std::vector<size_t> previous_;
};

}  // namespace

std::vector<int> Assign(const CostMatrix& costs, double max_cost) {
  std::vector<int> column_of_row(costs.rows(), kUnassigned);
  if (costs.rows() == 0 || costs.columns() == 0) return column_of_row;
  const bool transposed = costs.rows() > costs.columns();
  AugmentingPaths solver(costs, max_cost, transposed);
  const std::vector<size_t>& row_of_column = solver.Solve();
  for (size_t j = 1; j < row_of_column.size(); ++j) {
    if (row_of_column[j] == 0 || solver.Cost(row_of_column[j], j) >= max_cost) continue;
    size_t row = row_of_column[j] - 1, column = j - 1;
    if (transposed) std::swap(row, column);
    column_of_row[row] = static_cast<int>(column);
  }
  return column_of_row;
}

}  // namespace aislewatch::pose
