// The running mean of a network's weights.
#pragma once

#include <torch/nn/module.h>

namespace aislewatch::training {

/// Moves `average`, a network of the same make, towards `network`, keeping `keep` (0..1) of what it
/// was: the mean over some hundred steps generalises better than any one of them (Polyak and
/// Juditsky 1992).
void MoveAverage(torch::nn::Module& average, const torch::nn::Module& network, double keep);

}  // namespace aislewatch::training
