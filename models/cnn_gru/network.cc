#include "models/cnn_gru/network.h"

#include <opencv2/imgproc.hpp>
#include <torch/nn/modules/activation.h>

#include "common/roles/clip_classifier.h"
#include "models/cnn_gru/pose_inputs.h"

namespace aislewatch::cnn_gru {
namespace {

constexpr double kDropout = 0.4;

}  // namespace

torch::Tensor CropsToTensor(absl::Span<const cv::Mat> crops, int side) {
  torch::Tensor batch = torch::empty({static_cast<int64_t>(crops.size()), side, side, 3});
  auto* out = batch.data_ptr<float>();
  const size_t floats = static_cast<size_t>(side) * side * 3;
  cv::Mat rgb;
  for (const cv::Mat& crop : crops) {
    cv::Mat sized = crop;
    if (crop.rows != side || crop.cols != side) {
      cv::resize(crop, sized, cv::Size(side, side), 0, 0, cv::INTER_AREA);
    }
    cv::cvtColor(sized, rgb, cv::COLOR_BGR2RGB);
    cv::Mat target(side, side, CV_32FC3, out);
    rgb.convertTo(target, CV_32FC3, kInputScale, kInputOffset);
    out += floats;
  }
  // Channels last is what OpenCV wrote and what oneDNN's convolutions like best.
  return batch.permute({0, 3, 1, 2});
}

NetworkImpl::NetworkImpl(const Options& options) : options_(options) {
  if (options.sees_pictures()) {
    trunk_ = register_module("trunk", Trunk(options.trunk));
    reduce_ = register_module(
        "reduce", torch::nn::Conv2d(torch::nn::Conv2dOptions(options.trunk.channels(),
                                                             options.reduced_channels, 1)));
    const int flat = options.reduced_channels * options.map_side() * options.map_side();
    project_ = register_module("project", torch::nn::Linear(flat, options.feature_size));
  }
  dropout_ = register_module("dropout", torch::nn::Dropout(kDropout));
  if (options.pose_size > 0) {
    pose_ = register_module(
        "pose", torch::nn::Sequential(torch::nn::Linear(kPoseInputs, options.pose_size),
                                      torch::nn::ReLU(),
                                      torch::nn::Linear(options.pose_size, options.pose_size),
                                      torch::nn::ReLU()));
  }
  gru_ = register_module(
      "gru", torch::nn::GRU(
                 torch::nn::GRUOptions(options.crop_features(), options.hidden_size).batch_first(true)));
  head_ = register_module("head", torch::nn::Linear(options.hidden_size, kActionCount));
}

torch::Tensor NetworkImpl::Picture(const torch::Tensor& maps) {
  const torch::Tensor x = torch::relu(reduce_(maps));
  // The flattened map keeps where things are: a hand at the pocket differs from one at the shelf.
  return torch::relu(project_(dropout_(x.contiguous().flatten(1))));
}

torch::Tensor NetworkImpl::Features(const torch::Tensor& picture, const torch::Tensor& keypoints) {
  if (pose_.is_empty()) return picture;
  return torch::cat({picture, pose_->forward(PoseInputs(keypoints))}, 1);
}

torch::Tensor NetworkImpl::Classify(const torch::Tensor& features, const torch::Tensor& lengths) {
  const torch::Tensor steps = std::get<0>(gru_(features));
  const torch::Tensor last =
      (lengths - 1).view({-1, 1, 1}).expand({-1, 1, static_cast<int64_t>(options_.hidden_size)});
  return head_(dropout_(steps.gather(1, last).squeeze(1)));
}

torch::Tensor NetworkImpl::EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) {
  const torch::Tensor steps = std::get<0>(gru_(features));
  return head_(dropout_(steps.reshape({-1, options_.hidden_size}).index_select(0, wanted)));
}

}  // namespace aislewatch::cnn_gru
