#include "models/pose_anomaly/statistics/principal_components.h"

#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"

namespace aislewatch::pose_anomaly {
namespace {

cv::Mat Covariance(absl::Span<const float> rows, int dimensions, const cv::Mat& mean) {
  const size_t n = rows.size() / dimensions;
  cv::Mat covariance = cv::Mat::zeros(dimensions, dimensions, CV_64F);
  std::vector<double> centred(dimensions);
  for (size_t r = 0; r < n; ++r) {
    for (int i = 0; i < dimensions; ++i) {
      centred[i] = rows[r * dimensions + i] - mean.at<double>(i);
    }
    for (int i = 0; i < dimensions; ++i) {
      double* row = covariance.ptr<double>(i);
      for (int j = 0; j <= i; ++j) row[j] += centred[i] * centred[j];
    }
  }
  cv::completeSymm(covariance, /*lowerToUpper=*/true);
  return covariance / static_cast<double>(n - 1);
}

}  // namespace

void PrincipalComponents::Project(absl::Span<const float> x, absl::Span<float> out) const {
  for (int c = 0; c < components; ++c) {
    const float* direction = directions.data() + static_cast<size_t>(c) * dimensions;
    float sum = 0;
    for (int i = 0; i < dimensions; ++i) sum += direction[i] * (x[i] - mean[i]);
    out[c] = sum;
  }
}

absl::StatusOr<PrincipalComponents> FitPrincipalComponents(absl::Span<const float> rows,
                                                           int dimensions, int components) {
  if (dimensions < 1 || components < 1 || components > dimensions ||
      rows.size() % dimensions != 0 || rows.size() / dimensions < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot find ", components, " principal components of ", rows.size(),
                     " numbers in rows of ", dimensions, "; give at least two whole rows"));
  }
  cv::Mat mean = cv::Mat::zeros(dimensions, 1, CV_64F);
  const size_t n = rows.size() / dimensions;
  for (size_t i = 0; i < rows.size(); ++i) {
    mean.at<double>(static_cast<int>(i % dimensions)) += rows[i] / static_cast<double>(n);
  }
  cv::Mat values, vectors;
  if (!cv::eigen(Covariance(rows, dimensions, mean), values, vectors)) {
    return absl::InvalidArgumentError("the covariance of the rows has no eigenvectors");
  }
  PrincipalComponents result;
  result.dimensions = dimensions;
  result.components = components;
  for (int i = 0; i < dimensions; ++i)
    result.mean.push_back(static_cast<float>(mean.at<double>(i)));
  for (int c = 0; c < components; ++c) {
    for (int i = 0; i < dimensions; ++i) {
      result.directions.push_back(static_cast<float>(vectors.at<double>(c, i)));
    }
  }
  return result;
}

}  // namespace aislewatch::pose_anomaly
