// Figures of a classifier on labelled clips.
//
// Stateless.
#pragma once

#include <vector>

#include "models/ranking/ranking_metrics.h"

namespace aislewatch::clip_training {

using ranking::AreaUnderRoc;

/// Counts by [true class][judged class].
using Confusion = std::vector<std::vector<int>>;

/// Fraction on the diagonal; 0 without clips.
double Accuracy(const Confusion& confusion);

/// Harmonic mean of precision and recall of one class; 0 where it was never judged right.
double F1(const Confusion& confusion, size_t of_class);

}  // namespace aislewatch::clip_training
