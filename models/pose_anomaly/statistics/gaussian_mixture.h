// A mixture of Gaussians with full covariances, fitted by expectation maximisation.
//
// Plain values and pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "models/pose_anomaly/statistics/lower_triangle.h"

namespace aislewatch::pose_anomaly {

/// The density sum_k w_k N(x; m_k, (P_k P_k^T)^-1).
struct GaussianMixture {
  int dimensions = 0;
  int components = 0;
  /// `[components]`; sum to 1.
  std::vector<float> weights;
  /// `[components, dimensions]`.
  std::vector<float> means;
  /// `[components, dimensions, dimensions]`, lower triangular: the inverses of the covariances'
  /// Cholesky factors, so that |P (x - m)|^2 is the squared Mahalanobis distance.
  std::vector<float> precision_factors;

  /// INVALID_ARGUMENT unless the sizes agree, weights are positive and everything is finite.
  absl::Status Validate() const;
};

/// A mixture laid out for scoring. Immutable, hence thread-safe.
class MixtureDensity {
 public:
  /// `mixture` must be valid.
  explicit MixtureDensity(const GaussianMixture& mixture);

  /// log p(x) in nats; `x`: `[dimensions]`.
  float LogDensity(absl::Span<const float> x) const;

 private:
  struct Gaussian {
    std::vector<float> mean;
    LowerTriangle<float> precision_factor;
    /// The logarithm of weight and norm: all that does not depend on x.
    float log_scale = 0;
  };

  std::vector<Gaussian> gaussians_;
};

struct MixtureFitOptions {
  int components = 8;
  /// Added to the diagonals of the covariances.
  double regularization = 1e-3;
  /// EM ends when the mean log-likelihood gains less than this.
  double tolerance = 1e-3;
  int max_iterations = 100;
  /// Fits from as many different k-means starts; the likeliest is kept.
  int starts = 3;
  uint64_t seed = 0;
};

/// Fits to `rows`: `[n, dimensions]`, row by row: k-means++ and Lloyd's iterations, then EM. The
/// same rows and options give the same mixture. INVALID_ARGUMENT where there are fewer rows than
/// components.
absl::StatusOr<GaussianMixture> FitGaussianMixture(absl::Span<const float> rows, int dimensions,
                                                   const MixtureFitOptions& options);

}  // namespace aislewatch::pose_anomaly
