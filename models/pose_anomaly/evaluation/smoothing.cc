#include "models/pose_anomaly/evaluation/smoothing.h"

#include <cmath>
#include <cstddef>

namespace aislewatch::pose_anomaly {
namespace {

constexpr int kLastSigma = 6;
// In standard deviations.
constexpr int kReach = 4;

// Where index `i` lies in a sequence of `n` that is continued by its mirror images: -1 is 0, n is
// n - 1.
size_t Mirrored(ptrdiff_t i, ptrdiff_t n) {
  const ptrdiff_t period = 2 * n;
  const ptrdiff_t at = ((i % period) + period) % period;
  return static_cast<size_t>(at < n ? at : period - 1 - at);
}

std::vector<float> Smoothed(const std::vector<float>& scores, int sigma) {
  const ptrdiff_t reach = static_cast<ptrdiff_t>(kReach) * sigma;
  std::vector<double> weights;
  double total = 0;
  for (ptrdiff_t d = -reach; d <= reach; ++d) {
    const double x = static_cast<double>(d) / sigma;
    weights.push_back(std::exp(-0.5 * x * x));
    total += weights.back();
  }
  const auto n = static_cast<ptrdiff_t>(scores.size());
  std::vector<float> smoothed;
  for (ptrdiff_t i = 0; i < n; ++i) {
    double sum = 0;
    for (ptrdiff_t d = -reach; d <= reach; ++d) {
      sum += weights[static_cast<size_t>(d + reach)] / total * scores[Mirrored(i + d, n)];
    }
    smoothed.push_back(static_cast<float>(sum));
  }
  return smoothed;
}

}  // namespace

void SmoothAsPublished(std::vector<float>& scores) {
  for (int sigma = 1; sigma <= kLastSigma; ++sigma) scores = Smoothed(scores, sigma);
}

}  // namespace aislewatch::pose_anomaly
