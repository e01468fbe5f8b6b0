#include "models/pose_anomaly/statistics/gaussian_mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "models/pose_anomaly/statistics/numbers.h"

namespace aislewatch::pose_anomaly {

MixtureDensity::MixtureDensity(const GaussianMixture& mixture) {
  const size_t d = mixture.dimensions;
  for (size_t k = 0; k < static_cast<size_t>(mixture.components); ++k) {
    Gaussian g;
    const auto mean = mixture.means.begin() + static_cast<ptrdiff_t>(k * d);
    g.mean.assign(mean, mean + static_cast<ptrdiff_t>(d));
    g.precision_factor = LowerTriangle<float>(mixture.precision_factors, d, k * d * d);
    double log_scale = std::log(mixture.weights[k]) - 0.5 * static_cast<double>(d) * kLogTwoPi;
    for (size_t i = 0; i < d; ++i) {
      log_scale += std::log(mixture.precision_factors[k * d * d + i * (d + 1)]);
    }
    g.log_scale = static_cast<float>(log_scale);
    gaussians_.push_back(std::move(g));
  }
}

float MixtureDensity::LogDensity(absl::Span<const float> x) const {
  absl::InlinedVector<float, 64> centred(x.size());
  float best = -std::numeric_limits<float>::infinity();
  float sum = 0;  // of exp(term - best)
  for (const Gaussian& g : gaussians_) {
    for (size_t i = 0; i < x.size(); ++i) centred[i] = x[i] - g.mean[i];
    const float term = g.log_scale - 0.5f * g.precision_factor.SquaredNorm(centred.data());
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
