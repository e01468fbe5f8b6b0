// The CNN-GRU network: what a crop shows, and what a sequence of crops means.
//
// The parts are public calls of their own because they run at different rates: the trunk and
// Features once per crop, Classify once per window. Training keeps the trunk frozen and so runs it
// once per crop too.
#pragma once

#include <opencv2/core/mat.hpp>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include "absl/types/span.h"
#include "models/cnn_gru/options.h"
#include "models/cnn_gru/trunk.h"

namespace aislewatch::cnn_gru {

/// How a channel of 0..255 becomes the trunk's input: value * scale + offset. The scale is MoveNet's
/// own, 2 / 255 as it stands in half precision in its graph.
inline constexpr float kInputScale = 0.00784302f;
inline constexpr float kInputOffset = -1;

/// Crops of any size, 8-bit BGR and not empty, as the trunk's input: `[N, 3, side, side]` float32
/// RGB in -1..1, on the CPU. Throws c10::Error or cv::Exception.
torch::Tensor CropsToTensor(absl::Span<const cv::Mat> crops, int side);

/// Trunk → 1×1 reduction → flattened map → what the picture shows; beside it the keypoints → what the
/// body does; both together are a crop's features. GRU (Cho et al. 2014, arXiv 1406.1078) over the
/// features → logits of the seven actions.
class NetworkImpl : public torch::nn::Module {
 public:
  explicit NetworkImpl(const Options& options);

  // Maps, Picture and trunk are there only where options().sees_pictures().

  /// `[N, 3, side, side]` → `[N, channels, map, map]`.
  torch::Tensor Maps(const torch::Tensor& crops) { return trunk_(crops); }
  /// `[N, channels, map, map]` → what the picture shows, `[N, feature_size]`. Drops out while training.
  torch::Tensor Picture(const torch::Tensor& maps);
  /// `picture`: `[N, feature_size]`, zeros where there is none; `keypoints`: `[N, 17, 3]` as
  /// KeypointsToTensor gives them → a crop's features, `[N, feature_size + pose_size]`.
  torch::Tensor Features(const torch::Tensor& picture, const torch::Tensor& keypoints);
  /// `features`: `[B, T, feature_size + pose_size]`, padded behind each sequence's end; `lengths`: `[B]` int64
  /// in 1..T, on the same device. Returns logits `[B, 7]` after each sequence's last step.
  torch::Tensor Classify(const torch::Tensor& features, const torch::Tensor& lengths);
  /// Logits `[W, 7]` after the steps `wanted` (`[W]` int64, indices into B × T) of `features` as above:
  /// what Classify would say of the sequence up to each of them, at the cost of one run.
  torch::Tensor EveryStep(const torch::Tensor& features, const torch::Tensor& wanted);

  const Options& options() const { return options_; }
  /// The part that is pretrained and frozen; named "trunk" in the weights.
  Trunk& trunk() { return trunk_; }

 private:
  const Options options_;
  Trunk trunk_{nullptr};
  torch::nn::Conv2d reduce_{nullptr};
  torch::nn::Linear project_{nullptr};
  torch::nn::Sequential pose_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
  torch::nn::GRU gru_{nullptr};
  torch::nn::Linear head_{nullptr};
};
TORCH_MODULE(Network);

}  // namespace aislewatch::cnn_gru
