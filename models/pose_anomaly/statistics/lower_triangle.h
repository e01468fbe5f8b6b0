// Products with a lower triangular matrix, several rows at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace aislewatch::pose_anomaly {

/// A lower triangular matrix, laid out so that a processor's vector unit takes eight rows (of
/// double: four) at a time. Row by row each sum would wait for its own last addition. Immutable,
/// hence thread-safe.
template <typename T>
class LowerTriangle {
 public:
  LowerTriangle() = default;
  /// Of `rows`: `[side, side]` from `offset` on, row by row; what lies above the diagonal does not
  /// count.
  LowerTriangle(const std::vector<T>& rows, size_t side, size_t offset = 0) : side_(side) {
    for (size_t first = 0; first < side; first += kRows) {
      const size_t end = std::min(side, first + kRows);
      for (size_t j = 0; j < end; ++j) {
        Column column{};
        for (size_t i = std::max(first, j); i < end; ++i) {
          const size_t row = i - first;
          (row < kLanes ? column.upper : column.lower)[row % kLanes] = rows[offset + i * side + j];
        }
        columns_.push_back(column);
      }
    }
  }

  /// |L x|^2; `x`: `[side]`.
  T SquaredNorm(const T* x) const {
    const Column* column = columns_.data();
    Lanes squares{};
    for (size_t first = 0; first < side_; first += kRows) {
      Lanes upper{}, lower{};
      const size_t end = std::min(side_, first + kRows);
      for (size_t j = 0; j < end; ++j, ++column) {
        upper += column->upper * x[j];
        lower += column->lower * x[j];
      }
      squares += upper * upper + lower * lower;
    }
    T sum = 0;
    for (size_t i = 0; i < kLanes; ++i) sum += squares[i];
    return sum;
  }

 private:
  /// What every 64-bit processor has; wider vectors that it lacks would be kept in memory.
  static constexpr size_t kVectorBytes = 16;
  static constexpr size_t kLanes = kVectorBytes / sizeof(T);
  static constexpr size_t kRows = 2 * kLanes;
  typedef T Lanes __attribute__((vector_size(kVectorBytes)));
  /// A column's numbers in kRows neighbouring rows.
  struct Column {
    Lanes upper;
    Lanes lower;
  };

  size_t side_ = 0;
  /// By rows, kRows at a time, then by columns.
  std::vector<Column> columns_;
};

}  // namespace aislewatch::pose_anomaly
