// Figures of a classifier on labelled clips.
//
// Stateless. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 2006.
#pragma once

#include <vector>

#include "absl/types/span.h"

namespace aislewatch::clip_training {

/// Area under the ROC curve: the probability that a positive scores above a negative, ties half.
/// 0.5 where either kind is absent, since nothing was measured.
double AreaUnderRoc(absl::Span<const float> scores, const std::vector<bool>& positive);

/// Counts by [true class][judged class].
using Confusion = std::vector<std::vector<int>>;

/// Fraction on the diagonal; 0 without clips.
double Accuracy(const Confusion& confusion);

/// Harmonic mean of precision and recall of one class; 0 where it was never judged right.
double F1(const Confusion& confusion, size_t of_class);

}  // namespace aislewatch::clip_training
