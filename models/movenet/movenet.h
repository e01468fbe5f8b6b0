// The trunk of MoveNet MultiPose Lightning.
//
// MobileNetV2 of width 1.5 (arXiv 1801.04381) down to stride 32, a feature
// pyramid back up to stride 4, and six small heads as in CenterNet (arXiv 1904.07850). Batch norms
// are folded into the convolutions, as in the published TensorFlow.js graph.
#pragma once

#include <array>
#include <vector>

#include <torch/nn/module.h>

#include "models/movenet/conv_unit.h"

namespace aislewatch {

/// The heads in the order of MoveNetHeads' tensors, with their channels.
struct MoveNetHeadSpec {
  const char* name;
  int64_t channels;
};
inline constexpr std::array<MoveNetHeadSpec, 6> kMoveNetHeads = {{{"center", 1},
                                                                  {"kpt_heatmap", 17},
                                                                  {"kpt_regress", 34},
                                                                  {"kpt_offset", 34},
                                                                  {"box_scale", 2},
                                                                  {"box_offset", 2}}};

/// One tensor per head, `[B, channels, H / 4, W / 4]` float32, channels last in memory; `center`
/// and `kpt_heatmap` before their sigmoid.
using MoveNetHeads = std::array<torch::Tensor, kMoveNetHeads.size()>;

/// MobileNetV2's inverted residual: expand, filter each channel, project; adds its input where
/// that has the same shape.
class InvertedResidualImpl : public torch::nn::Module {
 public:
  /// `expand` is 1 (no expansion) or the factor by which `in` is expanded.
  InvertedResidualImpl(int64_t in, int64_t out, int64_t stride, int64_t expand);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  ConvUnit expand_{nullptr};
  ConvUnit depthwise_{nullptr};
  ConvUnit project_{nullptr};
  const bool residual_;
};
TORCH_MODULE(InvertedResidual);

/// A 3x3 filter per channel and a mixing of the channels, with ReLU.
class SeparableConvImpl : public torch::nn::Module {
 public:
  SeparableConvImpl(int64_t in, int64_t out);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  ConvUnit depthwise_{nullptr};
  ConvUnit pointwise_{nullptr};
};
TORCH_MODULE(SeparableConv);

/// The network. Load the parameters (LoadParameters), move it to its device, call Prepare(), then
/// forward() or ForwardTurned(). Inference only. Not thread-safe.
class MoveNetImpl : public torch::nn::Module {
 public:
  MoveNetImpl();

  /// Packs every convolution; see ConvUnit.
  void Prepare();

  /// `picture` `[B, 3, H, W]` float32 RGB, each value v of 0..255 as v * 0.00784302 - 1; H and W
  /// multiples of 32, at least 32.
  MoveNetHeads forward(const torch::Tensor& picture);

  /// The same for a picture turned by 180 degrees, with heads turned likewise: what the network
  /// computes inside. Saves two copies where the caller can turn for nothing.
  MoveNetHeads ForwardTurned(const torch::Tensor& turned_picture);

 private:
  ConvUnit stem_{nullptr};
  std::vector<InvertedResidual> blocks_;
  ConvUnit last_{nullptr};
  /// From strides 32, 16, 8 and 4 into the pyramid.
  std::vector<ConvUnit> laterals_;
  /// After the sums at strides 16, 8 and 4.
  std::vector<SeparableConv> smooth_;
  std::vector<SeparableConv> head_features_;
  std::vector<ConvUnit> head_outputs_;
};
TORCH_MODULE(MoveNet);

}  // namespace aislewatch
