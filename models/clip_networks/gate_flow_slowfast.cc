#include "models/clip_networks/gate_flow_slowfast.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/normalization.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace aislewatch::clip_networks {
namespace {

constexpr int kColourChannels = 24;
constexpr int kFlowChannels = 8;
/// Of both stems.
constexpr int kStemStride = 4;
/// Crops of the fast path, and of them how many the slow path takes.
constexpr int kFastCrops = 64;
constexpr int kSlowCrops = 4;
constexpr int kSlowStride = kFastCrops / kSlowCrops;
/// Kernel of the lateral connections, in crops.
constexpr int kLateralSpan = 5;
/// The slow path's first crop: each of them stands in the middle of a lateral kernel, the last as late
/// as the kernels allow.
constexpr int kFirstSlow = kSlowStride - 1 - kLateralSpan / 2;
constexpr double kSlowFastDropout = 0.5;
/// Flow that is 1, as a fraction of the side.
constexpr float kFullFlow = 1.0f / 16;

/// Normalised by groups of channels, not by batches: what a crop shows must not depend on who else is
/// there (Wu and He 2018, arXiv 1803.08494).
torch::nn::GroupNorm Norm(int channels) {
  return torch::nn::GroupNorm(torch::nn::GroupNormOptions(/*num_groups=*/4, channels));
}

torch::nn::Sequential Stem(int in, int middle, int out) {
  const auto conv = [](int from, int to) {
    return torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, 3).stride(2).padding(1));
  };
  return torch::nn::Sequential(conv(in, middle), Norm(middle), torch::nn::ReLU(), conv(middle, out),
                               Norm(out), torch::nn::ReLU());
}

torch::nn::Conv3d Conv3d(int in, int out, torch::ExpandingArray<3> kernel,
                         torch::ExpandingArray<3> stride, torch::ExpandingArray<3> padding) {
  return torch::nn::Conv3d(
      torch::nn::Conv3dOptions(in, out, kernel).stride(stride).padding(padding));
}

/// A convolution over the picture, then one over time (Qiu et al. 2017, arXiv 1711.10305).
torch::nn::Sequential FastStage(int in, int out) {
  return torch::nn::Sequential(Conv3d(in, out, {1, 3, 3}, {1, 2, 2}, {0, 1, 1}), Norm(out),
                               torch::nn::ReLU(),
                               Conv3d(out, out, {3, 1, 1}, {1, 1, 1}, {1, 0, 0}), Norm(out),
                               torch::nn::ReLU());
}

torch::nn::Sequential SlowStage(int in, int out, int span) {
  return torch::nn::Sequential(Conv3d(in, out, {span, 3, 3}, {1, 2, 2}, {span / 2, 1, 1}),
                               Norm(out), torch::nn::ReLU());
}

/// From 64 crops to 4.
torch::nn::Conv3d Lateral(int in, int out) {
  return Conv3d(in, out, {kLateralSpan, 1, 1}, {kSlowStride, 1, 1}, {0, 0, 0});
}

cv::Mat GreyOf(const cv::Mat& crop, int side) {
  cv::Mat sized, grey;
  cv::resize(crop, sized, cv::Size(side, side), 0, 0, cv::INTER_AREA);
  cv::cvtColor(sized, grey, cv::COLOR_BGR2GRAY);
  return grey;
}

}  // namespace

torch::Tensor FlowsToTensor(absl::Span<const PersonView> views, int side) {
  torch::Tensor batch = torch::zeros({static_cast<int64_t>(views.size()), side, side, 2});
  auto* out = batch.data_ptr<float>();
  const size_t floats = static_cast<size_t>(side) * side * 2;
  for (size_t i = 0; i < views.size(); ++i, out += floats) {
    if (views[i].previous.empty()) continue;
    cv::Mat flow;
    cv::calcOpticalFlowFarneback(GreyOf(views[i].previous, side), GreyOf(views[i].crop, side), flow,
                                 /*pyr_scale=*/0.5, /*levels=*/2, /*winsize=*/9, /*iterations=*/2,
                                 /*poly_n=*/5, /*poly_sigma=*/1.1, /*flags=*/0);
    cv::Mat target(side, side, CV_32FC2, out);
    flow.convertTo(target, CV_32FC2, 1 / (kFullFlow * static_cast<float>(side)));
  }
  return batch.permute({0, 3, 1, 2}).clamp(-1, 1);
}

GateFlowSlowFast::GateFlowSlowFast(const Options& options) : ClipNetwork(options) {
  colour_stem_ = register_module("colour_stem", Stem(3, 16, kColourChannels));
  flow_stem_ = register_module("flow_stem", Stem(2, kFlowChannels, kFlowChannels));
  fast1_ = register_module("fast1", FastStage(kFlowChannels, 16));
  fast2_ = register_module("fast2", FastStage(16, 32));
  lateral0_ = register_module("lateral0", Lateral(kFlowChannels, 16));
  lateral1_ = register_module("lateral1", Lateral(16, 32));
  slow1_ = register_module("slow1", SlowStage(kColourChannels + 16, 64, 1));
  slow2_ = register_module("slow2", SlowStage(64 + 32, 128, 3));
  gate_ = register_module("gate", Lateral(32, 128));
  dropout_ = register_module("dropout", torch::nn::Dropout(kSlowFastDropout));
  head_ = register_module("head", torch::nn::Linear(128 + 32, kActionCount));
}

int GateFlowSlowFast::picture_size() const {
  const int side = options().crop_side / kStemStride;
  return (kColourChannels + kFlowChannels) * side * side;
}

std::string GateFlowSlowFast::maps_name() const {
  return absl::StrCat("pixels-and-flow-", options().crop_side);
}

torch::Tensor GateFlowSlowFast::Inputs(absl::Span<const PersonView> views) const {
  return torch::cat({ClipNetwork::Inputs(views), FlowsToTensor(views, options().crop_side)}, 1);
}

torch::Tensor GateFlowSlowFast::MirroredMaps(const torch::Tensor& maps) const {
  torch::Tensor mirrored = maps.flip(3);
  mirrored.select(1, 3).neg_();
  return mirrored;
}

torch::Tensor GateFlowSlowFast::Picture(const torch::Tensor& maps) {
  return torch::cat({colour_stem_->forward(maps.slice(1, 0, 3)).flatten(1),
                     flow_stem_->forward(maps.slice(1, 3, 5)).flatten(1)},
                    1);
}

torch::Tensor GateFlowSlowFast::EveryStep(const torch::Tensor& features,
                                          const torch::Tensor& wanted) {
  // Of each wanted step the 64 crops up to it, none from before its sequence began.
  const torch::Tensor back = torch::arange(1 - kFastCrops, 1, wanted.options()).unsqueeze(0);
  const torch::Tensor own = torch::remainder(wanted, features.size(1)).unsqueeze(1);
  const torch::Tensor rows = (own + back).clamp_min(0) + wanted.unsqueeze(1) - own;

  const int64_t side = options().crop_side / kStemStride;
  const int64_t colours = kColourChannels * side * side;
  const torch::Tensor crops = features.flatten(0, 1);
  const auto taken = [&](const torch::Tensor& from, const torch::Tensor& which, int channels) {
    return from.index_select(0, which.flatten())
        .view({which.size(0), which.size(1), channels, side, side})
        .transpose(1, 2)
        .contiguous();
  };
  torch::Tensor slow = taken(crops.slice(1, 0, colours),
                             rows.slice(1, kFirstSlow, kFastCrops, kSlowStride).contiguous(),
                             kColourChannels);
  torch::Tensor fast = taken(crops.slice(1, colours), rows, kFlowChannels);
  const auto around_slow = [](const torch::Tensor& x) {
    return x.slice(2, kFirstSlow - kLateralSpan / 2);
  };
  slow = slow1_->forward(torch::cat({slow, torch::relu(lateral0_(around_slow(fast)))}, 1));
  fast = fast1_->forward(fast);
  slow = slow2_->forward(torch::cat({slow, torch::relu(lateral1_(around_slow(fast)))}, 1));
  fast = fast2_->forward(fast);
  slow = slow * torch::sigmoid(gate_(around_slow(fast)));
  return head_(dropout_(torch::cat({slow.mean({2, 3, 4}), fast.mean({2, 3, 4})}, 1)));
}

}  // namespace aislewatch::clip_networks
