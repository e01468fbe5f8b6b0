#include "models/pose_anomaly/statistics/empirical_distribution.h"

#include <algorithm>
#include <cmath>

#include "models/pose_anomaly/statistics/numbers.h"

namespace aislewatch::pose_anomaly {

absl::StatusOr<EmpiricalDistribution> EmpiricalDistribution::Of(std::vector<float> sample) {
  if (sample.empty() || !AllFinite(sample)) {
    return absl::InvalidArgumentError(
        "an empirical distribution needs at least one value, and finite ones only");
  }
  std::sort(sample.begin(), sample.end());
  std::vector<float> quantiles(kQuantiles);
  for (int i = 0; i < kQuantiles; ++i) {
    const double at = static_cast<double>(i) / (kQuantiles - 1) * (sample.size() - 1);
    const size_t low = static_cast<size_t>(at);
    const size_t high = std::min(low + 1, sample.size() - 1);
    const double part = at - static_cast<double>(low);
    quantiles[i] = static_cast<float>(sample[low] * (1 - part) + sample[high] * part);
  }
  return EmpiricalDistribution(std::move(quantiles));
}

absl::StatusOr<EmpiricalDistribution> EmpiricalDistribution::FromQuantiles(
    std::vector<float> quantiles) {
  if (quantiles.size() < 2 || !AllFinite(quantiles) ||
      !std::is_sorted(quantiles.begin(), quantiles.end())) {
    return absl::InvalidArgumentError("quantiles must be two or more, finite and rising");
  }
  return EmpiricalDistribution(std::move(quantiles));
}

float EmpiricalDistribution::FractionBelow(float value) const {
  if (!(value >= quantiles_.front())) return 0;  // NaN as well
  if (value > quantiles_.back()) return 1;
  const auto [low, high] = std::equal_range(quantiles_.begin(), quantiles_.end(), value);
  const float steps = static_cast<float>(quantiles_.size() - 1);
  const float below = static_cast<float>(low - quantiles_.begin());
  if (low != high) {  // value is one of the quantiles: the middle of its run
    const float last = static_cast<float>(high - quantiles_.begin()) - 1;
    return (below + last) / 2 / steps;
  }
  const float left = *(low - 1), right = *low;
  return (below - 1 + (value - left) / (right - left)) / steps;
}

}  // namespace aislewatch::pose_anomaly
