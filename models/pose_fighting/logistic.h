// Logistic regression whose weights may be held to a sign.
//
// Plain values; stateless and thread-safe.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch::pose_fighting {

/// log-odds = bias + sum_f weight_f (x_f - mean_f) / deviation_f, each quotient within -4..4 and 0
/// where x_f is NaN: what is not known says nothing.
struct Logistic {
  /// All `[features]`.
  std::vector<float> mean;
  std::vector<float> deviation;
  std::vector<float> weight;
  float bias = 0;

  float LogOdds(absl::Span<const float> values) const;

  /// INVALID_ARGUMENT unless the sizes agree, deviations are positive and everything is finite.
  absl::Status Validate() const;
};

struct Example {
  std::vector<float> values;
  bool positive = false;
  /// Whose it is: examples of one clip are as good as one, and never both learnt and judged.
  size_t clip = 0;
};

/// Fits by projected gradient descent on the log loss, plus 0.5 * sum of squared weights. Each clip
/// counts the same, however many examples it gave, and both classes weigh the same, so that
/// log-odds of 0 mean that both are equally likely. `signs`: for each feature 1, -1, or 0 where
/// either will do. The same examples give the same model. INVALID_ARGUMENT unless there are
/// examples of both classes, each with a value per sign.
absl::StatusOr<Logistic> FitLogistic(const std::vector<Example>& examples,
                                     const std::vector<int>& signs);

}  // namespace aislewatch::pose_fighting
