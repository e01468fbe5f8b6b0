// The distribution of a sample, kept as its quantiles.
//
// Immutable after construction, hence thread-safe.
#pragma once

#include <vector>

#include "absl/status/statusor.h"

namespace aislewatch::pose_anomaly {

/// Turns a value into the fraction of a sample that lies below it. 1,001 quantiles stand for the
/// sample, so that models stay small; between them it is linear.
class EmpiricalDistribution {
 public:
  static constexpr int kQuantiles = 1001;

  /// Of `sample`, in any order. INVALID_ARGUMENT where it is empty or a value is not finite.
  static absl::StatusOr<EmpiricalDistribution> Of(std::vector<float> sample);

  /// From `quantiles()` of another one. INVALID_ARGUMENT where there are fewer than two, or they
  /// are not finite and rising.
  static absl::StatusOr<EmpiricalDistribution> FromQuantiles(std::vector<float> quantiles);

  /// 0 below the sample, 1 above it; half of the values that are equal to `value` count as below.
  /// NaN gives 0.
  float FractionBelow(float value) const;

  /// Rising; evenly spaced in probability, the first being the minimum, the last the maximum.
  const std::vector<float>& quantiles() const { return quantiles_; }

 private:
  explicit EmpiricalDistribution(std::vector<float> quantiles) : quantiles_(std::move(quantiles)) {}

  std::vector<float> quantiles_;
};

}  // namespace aislewatch::pose_anomaly
