// CNN-GRU: a pretrained trunk's map of each crop and the joints, then a recurrence over the crops.
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include "models/clip_networks/clip_network.h"

namespace aislewatch::clip_networks {

/// Trunk → 1×1 reduction → flattened map → what the picture shows; beside it the keypoints → what the
/// body does; both together are a crop's features. GRU (Cho et al. 2014, arXiv 1406.1078) over the
/// features → logits of the seven actions.
class CnnGru : public ClipNetwork {
 public:
  explicit CnnGru(const Options& options);

  // Maps, Picture and trunk are there only where options().sees_pictures().

  /// `[N, 3, side, side]` → `[N, channels, map, map]`.
  torch::Tensor Maps(const torch::Tensor& inputs) override { return trunk_(inputs); }
  torch::Tensor Picture(const torch::Tensor& maps) override;
  torch::Tensor Features(const torch::Tensor& picture, const torch::Tensor& keypoints) override;
  torch::Tensor EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) override;
  int picture_size() const override { return options().feature_size; }
  int crop_features() const override { return options().feature_size + options().pose_size; }
  std::string maps_name() const override { return options().sees_pictures() ? "trunk" : "joints"; }
  Trunk* trunk() override { return trunk_.is_empty() ? nullptr : &trunk_; }

 private:
  Trunk trunk_{nullptr};
  torch::nn::Conv2d reduce_{nullptr};
  torch::nn::Linear project_{nullptr};
  torch::nn::Sequential pose_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
  torch::nn::GRU gru_{nullptr};
  torch::nn::Linear head_{nullptr};
};

}  // namespace aislewatch::clip_networks
