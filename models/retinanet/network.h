// The RetinaNet network: what is where in a picture.
//
// Not thread-safe to train; forward without gradients is thread-safe.
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/types/span.h"
#include "models/clip_networks/trunk.h"
#include "models/retinanet/options.h"

namespace aislewatch::retinanet {

/// Pictures of the network's size, 8-bit BGR, `side` × `side`, as its input: `[N, 3, side, side]`
/// float32 RGB in -1..1, on the CPU. Throws c10::Error or cv::Exception.
torch::Tensor PicturesToTensor(absl::Span<const cv::Mat> pictures, int side);

/// What the network says of all anchors, in the order of MakeAnchors.
struct Predictions {
  /// `[N, anchors, classes]`: logits; each class is asked for by itself.
  torch::Tensor logits;
  /// `[N, anchors, 4]`: box codes.
  torch::Tensor codes;
};

/// Trunk → feature pyramid (Lin et al. 2017, arXiv 1612.03144) → a class subnet and a box subnet
/// that all levels share (Lin et al. 2017, arXiv 1708.02002), with group normalisation (Wu and He
/// 2018, arXiv 1803.08494) between their convolutions.
///
/// The class subnet begins by finding everything with probability 0.01, or the thousands of
/// background anchors would drown the first steps.
class NetworkImpl : public torch::nn::Module {
 public:
  NetworkImpl(const Options& options, int classes);

  /// `[N, 3, input_side, input_side]`.
  Predictions forward(const torch::Tensor& pictures);

  const Options& options() const { return options_; }
  int classes() const { return classes_; }
  /// The part that can start from a pose model; named "trunk" in the weights.
  clip_networks::Trunk& trunk() { return trunk_; }

 private:
  /// The levels, finest first, `[N, pyramid_channels, cells, cells]` each.
  std::vector<torch::Tensor> Pyramid(const torch::Tensor& pictures);
  torch::nn::Sequential Tower(int outputs) const;

  const Options options_;
  const int classes_;
  const std::vector<size_t> stages_;
  clip_networks::Trunk trunk_{nullptr};
  std::vector<torch::nn::Conv2d> lateral_;
  std::vector<torch::nn::Conv2d> smooth_;
  std::vector<torch::nn::Conv2d> coarser_;
  torch::nn::Sequential class_subnet_{nullptr};
  torch::nn::Sequential box_subnet_{nullptr};
};
TORCH_MODULE(Network);

}  // namespace aislewatch::retinanet
