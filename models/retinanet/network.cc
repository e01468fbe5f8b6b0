#include "models/retinanet/network.h"

#include <torch/nn/functional/upsampling.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/normalization.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "models/clip_networks/clip_network.h"

namespace aislewatch::retinanet {
namespace {

namespace F = torch::nn::functional;

/// Probability of a thing at an anchor before anything is learnt.
constexpr double kPrior = 0.01;
/// Deviation of the subnets' last weights, as published.
constexpr double kLastDeviation = 0.01;

torch::nn::Conv2d Convolution(int in, int out, int kernel, int stride = 1) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2));
}

/// The weights of `convolution` for a ReLU behind it (He et al. 2015, arXiv 1502.01852).
void StartForRelu(torch::nn::Conv2d& convolution) {
  torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanIn, torch::kReLU);
  torch::nn::init::zeros_(convolution->bias);
}

/// Of a group normalisation: as many as divide the channels, 8 at most.
int Groups(int channels) {
  int groups = 8;
  while (channels % groups != 0) groups /= 2;
  return groups;
}

/// `[N, anchors per cell * size, H, W]` → `[N, H * W * anchors per cell, size]`.
torch::Tensor PerAnchor(const torch::Tensor& map, int size) {
  return map.permute({0, 2, 3, 1}).reshape({map.size(0), -1, size});
}

}  // namespace

torch::Tensor PicturesToTensor(absl::Span<const cv::Mat> pictures, int side) {
  torch::Tensor batch = torch::empty({static_cast<int64_t>(pictures.size()), side, side, 3});
  auto* out = batch.data_ptr<float>();
  cv::Mat rgb;
  for (const cv::Mat& picture : pictures) {
    cv::cvtColor(picture, rgb, cv::COLOR_BGR2RGB);
    TORCH_CHECK(rgb.rows == side && rgb.cols == side, "a picture is not of the network's size");
    cv::Mat target(side, side, CV_32FC3, out);
    rgb.convertTo(target, CV_32FC3, clip_networks::kInputScale, clip_networks::kInputOffset);
    out += static_cast<size_t>(side) * static_cast<size_t>(side) * 3;
  }
  // Channels last is what OpenCV wrote and what oneDNN's convolutions like best.
  return batch.permute({0, 3, 1, 2});
}

NetworkImpl::NetworkImpl(const Options& options, int classes)
    : options_(options), classes_(classes), stages_(PyramidStages(options)) {
  trunk_ = register_module("trunk", clip_networks::Trunk(options.trunk));
  const int channels = options.pyramid_channels;
  torch::nn::ModuleList lateral, smooth, coarser;
  for (const size_t stage : stages_) {
    lateral_.push_back(Convolution(options.trunk.stages[stage].channels, channels, 1));
    smooth_.push_back(Convolution(channels, channels, 3));
    lateral->push_back(lateral_.back());
    smooth->push_back(smooth_.back());
  }
  for (auto level = static_cast<int>(stages_.size()); level < options.levels; ++level) {
    coarser_.push_back(Convolution(channels, channels, 3, 2));
    StartForRelu(coarser_.back());
    coarser->push_back(coarser_.back());
  }
  register_module("lateral", lateral);
  register_module("smooth", smooth);
  register_module("coarser", coarser);
  class_subnet_ = register_module("class_subnet", Tower(kAnchorsPerCell * classes));
  box_subnet_ = register_module("box_subnet", Tower(kAnchorsPerCell * 4));
  const torch::NoGradGuard no_gradients;
  class_subnet_->named_parameters()[absl::StrCat(3 * options.head_convolutions, ".bias")].fill_(
      -std::log((1 - kPrior) / kPrior));
}

torch::nn::Sequential NetworkImpl::Tower(int outputs) const {
  torch::nn::Sequential tower;
  for (int i = 0; i < options_.head_convolutions; ++i) {
    torch::nn::Conv2d convolution =
        Convolution(options_.pyramid_channels, options_.pyramid_channels, 3);
    StartForRelu(convolution);
    tower->push_back(convolution);
    tower->push_back(torch::nn::GroupNorm(
        torch::nn::GroupNormOptions(Groups(options_.pyramid_channels), options_.pyramid_channels)));
    tower->push_back(torch::nn::ReLU(torch::nn::ReLUOptions(true)));
  }
  torch::nn::Conv2d last = Convolution(options_.pyramid_channels, outputs, 3);
  torch::nn::init::normal_(last->weight, 0, kLastDeviation);
  torch::nn::init::zeros_(last->bias);
  tower->push_back(last);
  return tower;
}

std::vector<torch::Tensor> NetworkImpl::Pyramid(const torch::Tensor& pictures) {
  const std::vector<torch::Tensor> maps = trunk_->Stages(pictures);
  std::vector<torch::Tensor> levels(stages_.size());
  torch::Tensor above;
  for (size_t i = stages_.size(); i-- > 0;) {
    torch::Tensor merged = lateral_[i](maps[stages_[i]]);
    if (above.defined()) {
      merged = merged +
               F::interpolate(above, F::InterpolateFuncOptions()
                                         .size(std::vector<int64_t>{merged.size(2), merged.size(3)})
                                         .mode(torch::kNearest));
    }
    above = merged;
    levels[i] = smooth_[i](merged);
  }
  for (torch::nn::Conv2d& convolution : coarser_) {
    levels.push_back(convolution(torch::relu(levels.back())));
  }
  return levels;
}

Predictions NetworkImpl::forward(const torch::Tensor& pictures) {
  std::vector<torch::Tensor> logits, codes;
  for (const torch::Tensor& level : Pyramid(pictures)) {
    logits.push_back(PerAnchor(class_subnet_->forward(level), classes_));
    codes.push_back(PerAnchor(box_subnet_->forward(level), 4));
  }
  return {torch::cat(logits, 1), torch::cat(codes, 1)};
}

}  // namespace aislewatch::retinanet
