// The cheapest pairing of rows with columns.
#pragma once

#include <cstddef>
#include <vector>

namespace aislewatch::pose {

/// Costs of pairing each of `rows` with each of `columns`, row by row.
class CostMatrix {
 public:
  CostMatrix(size_t rows, size_t columns)
      : rows_(rows), columns_(columns), costs_(rows * columns, 0.0) {}
  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  double& at(size_t row, size_t column) { return costs_[row * columns_ + column]; }
  double at(size_t row, size_t column) const { return costs_[row * columns_ + column]; }

 private:
  size_t rows_;
  size_t columns_;
  std::vector<double> costs_;
};

/// For a row that is paired with no column.
inline constexpr int kUnassigned = -1;

/// Pairs rows with columns, one to one, so that the sum of costs is least, where leaving a row and
/// a column apart costs `max_cost`; pairs that cost max_cost or more, or NaN, are never made.
/// Returns the column of each row, or kUnassigned. Shortest augmenting paths (Jonker and Volgenant,
/// "A shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987):
/// O(rows² · columns) at worst.
std::vector<int> Assign(const CostMatrix& costs, double max_cost);

}  // namespace aislewatch::pose
