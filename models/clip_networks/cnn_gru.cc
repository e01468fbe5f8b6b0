#include "models/clip_networks/cnn_gru.h"

#include <torch/nn/modules/activation.h>

#include "models/clip_networks/pose_inputs.h"

namespace aislewatch::clip_networks {
namespace {

constexpr double kCnnGruDropout = 0.4;

}  // namespace

CnnGru::CnnGru(const Options& options) : ClipNetwork(options) {
  if (options.sees_pictures()) {
    trunk_ = register_module("trunk", Trunk(options.trunk));
    reduce_ = register_module(
        "reduce", torch::nn::Conv2d(torch::nn::Conv2dOptions(options.trunk.channels(),
                                                             options.reduced_channels, 1)));
    const int flat = options.reduced_channels * options.map_side() * options.map_side();
    project_ = register_module("project", torch::nn::Linear(flat, options.feature_size));
  }
  dropout_ = register_module("dropout", torch::nn::Dropout(kCnnGruDropout));
  if (options.sees_joints()) {
    pose_ = register_module(
        "pose", torch::nn::Sequential(torch::nn::Linear(kPoseInputs, options.pose_size),
                                      torch::nn::ReLU(),
                                      torch::nn::Linear(options.pose_size, options.pose_size),
                                      torch::nn::ReLU()));
  }
  gru_ = register_module(
      "gru",
      torch::nn::GRU(torch::nn::GRUOptions(crop_features(), options.hidden_size).batch_first(true)));
  head_ = register_module("head", torch::nn::Linear(options.hidden_size, kActionCount));
}

torch::Tensor CnnGru::Picture(const torch::Tensor& maps) {
  const torch::Tensor x = torch::relu(reduce_(maps));
  // The flattened map keeps where things are: a hand at the pocket differs from one at the shelf.
  return torch::relu(project_(dropout_(x.contiguous().flatten(1))));
}

torch::Tensor CnnGru::Features(const torch::Tensor& picture, const torch::Tensor& keypoints) {
  if (pose_.is_empty()) return picture;
  return torch::cat({picture, pose_->forward(PoseInputs(keypoints))}, 1);
}

torch::Tensor CnnGru::EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) {
  const torch::Tensor steps = std::get<0>(gru_(features));
  return head_(dropout_(steps.reshape({-1, options().hidden_size}).index_select(0, wanted)));
}

}  // namespace aislewatch::clip_networks
