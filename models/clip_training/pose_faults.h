// What a pose model gets wrong, so that poses taken from a simulator's truth can stand in for poses
// that were found.
//
// Stateless; random numbers come from the generator given and from LibTorch's own.
#pragma once

#include <torch/types.h>

#include <random>

namespace aislewatch::clip_training {

/// `[T, 17, 3]` float32: x and y in fractions of the crop and how visible the joint is, as
/// simulator::Visibility counts it → the same with what MoveNet MultiPose would have made of it at
/// 448×256: joints that are off, more so where they are hidden and at hands and feet, errors that
/// stay for some frames, joints that are elsewhere altogether for a moment, and a confidence for
/// each. The sizes were fitted to people of simulated stores (docs/models/classifier.md).
torch::Tensor WithPoseFaults(const torch::Tensor& truth, std::mt19937_64& random);

}  // namespace aislewatch::clip_training
