// Principal component analysis.
//
// Plain values; stateless and thread-safe. Never throws.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch::pose_anomaly {

/// A projection onto the directions of greatest variance, not whitened.
struct PrincipalComponents {
  int dimensions = 0;
  int components = 0;
  /// `[dimensions]`.
  std::vector<float> mean;
  /// `[components, dimensions]`, orthonormal rows, greatest variance first.
  std::vector<float> directions;

  /// `x`: `[dimensions]`; `out`: `[components]`.
  void Project(absl::Span<const float> x, absl::Span<float> out) const;
};

/// Of `rows`: `[n, dimensions]`, row by row. INVALID_ARGUMENT unless there are at least two rows
/// and 1 <= components <= dimensions.
absl::StatusOr<PrincipalComponents> FitPrincipalComponents(absl::Span<const float> rows,
                                                           int dimensions, int components);

}  // namespace aislewatch::pose_anomaly
