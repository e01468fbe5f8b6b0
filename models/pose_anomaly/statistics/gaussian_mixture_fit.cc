// Expectation maximisation for GaussianMixture (Bishop 2006, 9.2.2; Arthur and Vassilvitskii 2007
// for the start).
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/pose_anomaly/statistics/gaussian_mixture.h"
#include "models/pose_anomaly/statistics/numbers.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr int kLloydIterations = 20;
using Random = std::mt19937_64;

// [0, 1), the same on every standard library.
double Uniform(Random& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

struct Rows {
  absl::Span<const float> values;
  size_t dimensions;

  size_t count() const { return values.size() / dimensions; }
  const float* operator[](size_t row) const { return values.data() + row * dimensions; }
};

double SquaredDistance(const float* x, const double* centre, size_t d) {
  double sum = 0;
  for (size_t i = 0; i < d; ++i) sum += (x[i] - centre[i]) * (x[i] - centre[i]);
  return sum;
}

// k-means++: each next centre is drawn with a chance proportional to its squared distance from the
// nearest centre so far.
std::vector<double> SpreadCentres(const Rows& rows, int k, Random& random) {
  const size_t d = rows.dimensions, n = rows.count();
  std::vector<double> centres;
  std::vector<double> nearest(n, std::numeric_limits<double>::infinity());
  size_t chosen = std::min(n - 1, static_cast<size_t>(Uniform(random) * static_cast<double>(n)));
  for (int c = 0;; ++c) {
    centres.insert(centres.end(), rows[chosen], rows[chosen] + d);
    if (c + 1 == k) return centres;
    for (size_t r = 0; r < n; ++r) {
      nearest[r] = std::min(nearest[r], SquaredDistance(rows[r], centres.data() + c * d, d));
    }
    double left = Uniform(random) * std::accumulate(nearest.begin(), nearest.end(), 0.0);
    chosen = 0;
    while (chosen + 1 < n && (left -= nearest[chosen]) > 0) ++chosen;
  }
}

// The index of each row's nearest centre after Lloyd's iterations.
std::vector<int> Cluster(const Rows& rows, int k, Random& random) {
  const size_t d = rows.dimensions;
  std::vector<double> centres = SpreadCentres(rows, k, random);
  std::vector<int> cluster(rows.count(), -1);
  for (int iteration = 0; iteration < kLloydIterations; ++iteration) {
    bool moved = false;
    std::vector<double> sums(k * d, 0), members(k, 0);
    for (size_t r = 0; r < rows.count(); ++r) {
      int best = 0;
      double least = std::numeric_limits<double>::infinity();
      for (int c = 0; c < k; ++c) {
        const double distance = SquaredDistance(rows[r], centres.data() + c * d, d);
        if (distance < least) least = distance, best = c;
      }
      moved = moved || cluster[r] != best;
      cluster[r] = best;
      members[best] += 1;
      for (size_t i = 0; i < d; ++i) sums[best * d + i] += rows[r][i];
    }
    for (size_t i = 0; i < sums.size(); ++i) {
      if (members[i / d] > 0) centres[i] = sums[i] / members[i / d];
    }
    if (!moved) break;
  }
  return cluster;
}

// One component in double precision.
struct Component {
  double log_weight = 0;
  std::vector<double> mean;        // [d]
  std::vector<double> factor;      // [d, d] lower triangular inverse of the Cholesky factor
  LowerTriangle<double> triangle;  // factor, for products
  double log_determinant = 0;      // of factor
};

// The inverse of the lower Cholesky factor of `covariance` [d, d]; nothing where it is not positive
// definite.
std::optional<std::vector<double>> InverseCholesky(std::vector<double> covariance, size_t d) {
  std::vector<double>& l = covariance;  // factorised in place
  for (size_t j = 0; j < d; ++j) {
    for (size_t i = j; i < d; ++i) {
      double sum = l[i * d + j];
      for (size_t m = 0; m < j; ++m) sum -= l[i * d + m] * l[j * d + m];
      if (i == j && !(sum > 0)) return std::nullopt;
      l[i * d + j] = i == j ? std::sqrt(sum) : sum / l[j * d + j];
    }
  }
  std::vector<double> inverse(d * d, 0);
  for (size_t c = 0; c < d; ++c) {
    for (size_t r = c; r < d; ++r) {
      double sum = r == c ? 1 : 0;
      for (size_t m = c; m < r; ++m) sum -= l[r * d + m] * inverse[m * d + c];
      inverse[r * d + c] = sum / l[r * d + r];
    }
  }
  return inverse;
}

class ExpectationMaximization {
 public:
  ExpectationMaximization(Rows rows, const MixtureFitOptions& options)
      : rows_(rows), options_(options), responsibility_(rows.count() * options.components, 0) {}

  // Returns the mean log-likelihood, or nothing where a component collapsed.
  std::optional<double> Run(Random& random) {
    const std::vector<int> cluster = Cluster(rows_, options_.components, random);
    std::fill(responsibility_.begin(), responsibility_.end(), 0);
    for (size_t r = 0; r < cluster.size(); ++r) {
      responsibility_[r * options_.components + cluster[r]] = 1;
    }
    double likelihood = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < options_.max_iterations; ++i) {
      if (!Maximize()) return std::nullopt;
      const double before = likelihood;
      likelihood = Expect();
      if (std::abs(likelihood - before) < options_.tolerance) break;
    }
    return likelihood;
  }

  GaussianMixture Mixture() const {
    GaussianMixture mixture;
    mixture.dimensions = static_cast<int>(rows_.dimensions);
    mixture.components = options_.components;
    for (const Component& c : components_) {
      mixture.weights.push_back(static_cast<float>(std::exp(c.log_weight)));
      mixture.means.insert(mixture.means.end(), c.mean.begin(), c.mean.end());
      mixture.precision_factors.insert(mixture.precision_factors.end(), c.factor.begin(),
                                       c.factor.end());
    }
    return mixture;
  }

 private:
  // Sets responsibilities from the components; returns the mean log-likelihood.
  double Expect() {
    const size_t d = rows_.dimensions, k = components_.size();
    std::vector<double> centred(d), term(k);
    double total = 0;
    for (size_t r = 0; r < rows_.count(); ++r) {
      for (size_t c = 0; c < k; ++c) {
        const Component& component = components_[c];
        for (size_t i = 0; i < d; ++i) centred[i] = rows_[r][i] - component.mean[i];
        const double distance = component.triangle.SquaredNorm(centred.data());
        term[c] = component.log_weight + component.log_determinant -
                  0.5 * (distance + static_cast<double>(d) * kLogTwoPi);
      }
      const double best = *std::max_element(term.begin(), term.end());
      double sum = 0;
      for (double t : term) sum += std::exp(t - best);
      const double log_density = best + std::log(sum);
      for (size_t c = 0; c < k; ++c) {
        responsibility_[r * k + c] = std::exp(term[c] - log_density);
      }
      total += log_density;
    }
    return total / static_cast<double>(rows_.count());
  }

  // Sets the components from the responsibilities; false where one has no members.
  bool Maximize() {
    components_.assign(options_.components, Component());
    for (size_t c = 0; c < components_.size(); ++c) {
      if (!MaximizeOne(c, components_[c])) return false;
    }
    return true;
  }

  bool MaximizeOne(size_t c, Component& component) {
    const size_t d = rows_.dimensions, k = components_.size();
    component.mean.assign(d, 0);
    double members = 0;
    for (size_t r = 0; r < rows_.count(); ++r) {
      const double w = responsibility_[r * k + c];
      members += w;
      for (size_t i = 0; i < d; ++i) component.mean[i] += w * rows_[r][i];
    }
    if (!(members > 1e-6)) return false;
    for (double& m : component.mean) m /= members;
    std::vector<double> covariance(d * d, 0), centred(d);
    for (size_t r = 0; r < rows_.count(); ++r) {
      const double w = responsibility_[r * k + c];
      if (w < 1e-9) continue;
      for (size_t i = 0; i < d; ++i) centred[i] = rows_[r][i] - component.mean[i];
      for (size_t i = 0; i < d; ++i) {
        double* row = covariance.data() + i * d;
        const double wi = w * centred[i];
        for (size_t j = 0; j <= i; ++j) row[j] += wi * centred[j];
      }
    }
    for (double& v : covariance) v /= members;
    for (size_t i = 0; i < d; ++i) covariance[i * d + i] += options_.regularization;
    std::optional<std::vector<double>> factor = InverseCholesky(std::move(covariance), d);
    if (!factor) return false;
    component.factor = *std::move(factor);
    component.triangle = LowerTriangle<double>(component.factor, d);
    component.log_weight = std::log(members / static_cast<double>(rows_.count()));
    for (size_t i = 0; i < d; ++i)
      component.log_determinant += std::log(component.factor[i * d + i]);
    return true;
  }

  const Rows rows_;
  const MixtureFitOptions options_;
  std::vector<double> responsibility_;  // [n, components]
  std::vector<Component> components_;
};

}  // namespace

absl::StatusOr<GaussianMixture> FitGaussianMixture(absl::Span<const float> rows, int dimensions,
                                                   const MixtureFitOptions& options) {
  if (dimensions < 1 || options.components < 1 || rows.size() % dimensions != 0 ||
      rows.size() / dimensions < static_cast<size_t>(options.components)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot fit ", options.components, " Gaussians to ", rows.size(),
                     " numbers in rows of ", dimensions, "; give more rows"));
  }
  Random random(options.seed);
  std::optional<double> best;
  GaussianMixture result;
  for (int start = 0; start < std::max(1, options.starts); ++start) {
    ExpectationMaximization em({rows, static_cast<size_t>(dimensions)}, options);
    const std::optional<double> likelihood = em.Run(random);
    if (!likelihood || (best && *best >= *likelihood)) continue;
    best = likelihood;
    result = em.Mixture();
  }
  if (!best) {
    return absl::InvalidArgumentError(
        absl::StrCat("no mixture of ", options.components,
                     " Gaussians fits the rows; they have too few different values"));
  }
  AW_RETURN_IF_ERROR(result.Validate());
  return result;
}

}  // namespace aislewatch::pose_anomaly
