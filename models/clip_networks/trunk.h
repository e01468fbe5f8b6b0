// What looks at pictures, in the CNN-GRU and others: inverted residual blocks with folded batch norms.
//
// Not thread-safe to train; forward without gradients is thread-safe.
#pragma once

#include <vector>

#include <torch/nn/modules/conv.h>

#include "models/clip_networks/options.h"

namespace aislewatch::clip_networks {

/// Expand 1×1 → depthwise 3×3 → project 1×1, ReLU6 after the first two, and a shortcut where the
/// shape stays. Biases stand for batch norms that are folded into the weights.
class InvertedResidualImpl : public torch::nn::Module {
 public:
  /// `expansion` 1 leaves the first convolution out.
  InvertedResidualImpl(int in_channels, int out_channels, int expansion, int stride);
  /// `[N, in, H, W]` → `[N, out, H / stride, W / stride]`; H and W even where stride is 2.
  torch::Tensor forward(torch::Tensor x);

 private:
  const int stride_;
  const bool shortcut_;
  torch::nn::Conv2d expand_{nullptr};
  torch::nn::Conv2d depthwise_{nullptr};
  torch::nn::Conv2d project_{nullptr};
};
TORCH_MODULE(InvertedResidual);

/// Stem and blocks. Parameters are called stem.*, blocks.N.{expand,depthwise,project}.*.
///
/// Strided convolutions pad to the right and below only, as TensorFlow's SAME does on even sides;
/// weights that come from TensorFlow need it.
class TrunkImpl : public torch::nn::Module {
 public:
  explicit TrunkImpl(const TrunkOptions& options);
  /// `[N, 3, S, S]` float32 RGB in -1..1 → `[N, channels, S / stride, S / stride]`.
  torch::Tensor forward(torch::Tensor x);
  /// What each stage of the options gives, in their order: `[N, channels, S / s, S / s]`, where s is
  /// the product of the strides up to it. For networks that look at several scales.
  std::vector<torch::Tensor> Stages(torch::Tensor x);

 private:
  torch::nn::Conv2d stem_{nullptr};
  std::vector<InvertedResidual> blocks_;
  /// One behind the last block of each stage.
  std::vector<size_t> stage_ends_;
};
TORCH_MODULE(Trunk);

}  // namespace aislewatch::clip_networks
