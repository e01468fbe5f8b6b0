// The Adamax optimiser, which LibTorch's C++ API lacks.
#pragma once

#include <torch/types.h>

#include <vector>

namespace aislewatch::pose_anomaly {

/// Adam with the infinity norm: Kingma and Ba, "Adam: a method for stochastic optimization",
/// algorithm 2, with beta 0.9 and 0.999. Not thread-safe.
class Adamax {
 public:
  Adamax(std::vector<torch::Tensor> parameters, double learning_rate);

  void ZeroGrad();
  /// One step along the parameters' gradients; those without one stay.
  void Step();
  void SetLearningRate(double rate) { learning_rate_ = rate; }

 private:
  const std::vector<torch::Tensor> parameters_;
  double learning_rate_;
  int64_t steps_ = 0;
  std::vector<torch::Tensor> means_;  // of gradients
  std::vector<torch::Tensor> norms_;  // decaying maxima of their magnitudes
};

}  // namespace aislewatch::pose_anomaly
