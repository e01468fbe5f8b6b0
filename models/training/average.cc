#include "models/training/average.h"

#include <torch/types.h>

#include <vector>

namespace aislewatch::training {

void MoveAverage(torch::nn::Module& average, const torch::nn::Module& network, double keep) {
  const torch::NoGradGuard no_gradients;
  const std::vector<torch::Tensor> now = network.parameters();
  const std::vector<torch::Tensor> mean = average.parameters();
  for (size_t i = 0; i < now.size(); ++i) mean[i].lerp_(now[i], 1 - keep);
}

}  // namespace aislewatch::training
