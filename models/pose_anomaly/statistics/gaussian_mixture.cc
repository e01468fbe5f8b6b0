#include "models/pose_anomaly/statistics/gaussian_mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "models/pose_anomaly/statistics/numbers.h"

namespace aislewatch::pose_anomaly {

float GaussianMixture::LogDensity(absl::Span<const float> x) const {
  const size_t d = dimensions;
  float best = -std::numeric_limits<float>::infinity();
  float sum = 0;  // of exp(term - best)
  for (int k = 0; k < components; ++k) {
    const float* mean = means.data() + k * d;
    const float* factor = precision_factors.data() + k * d * d;
    float distance = 0, log_determinant = 0;
    for (size_t i = 0; i < d; ++i) {
      const float* row = factor + i * d;
      float y = 0;
      for (size_t j = 0; j <= i; ++j) y += row[j] * (x[j] - mean[j]);
      distance += y * y;
      log_determinant += std::log(row[i]);
    }
    const float term = std::log(weights[k]) + log_determinant -
                       0.5f * (distance + static_cast<float>(static_cast<double>(d) * kLogTwoPi));
    if (term > best) {
      sum = sum * std::exp(best - term) + 1;
      best = term;
    } else {
      sum += std::exp(term - best);
    }
  }
  return best + std::log(sum);
}

absl::Status GaussianMixture::Validate() const {
  const size_t k = components, d = dimensions;
  if (components < 1 || dimensions < 1 || weights.size() != k || means.size() != k * d ||
      precision_factors.size() != k * d * d) {
    return absl::InvalidArgumentError(absl::StrCat("a mixture of ", components, " Gaussians in ",
                                                   dimensions, " dimensions has other sizes"));
  }
  bool positive = std::all_of(weights.begin(), weights.end(), [](float w) { return w > 0; });
  for (size_t i = 0; i < k * d; ++i) {
    positive = positive && precision_factors[i / d * d * d + i % d * (d + 1)] > 0;
  }
  if (!positive || !AllFinite(weights) || !AllFinite(means) || !AllFinite(precision_factors)) {
    return absl::InvalidArgumentError("a mixture's weights or precisions are not positive");
  }
  return absl::OkStatus();
}

}  // namespace aislewatch::pose_anomaly
