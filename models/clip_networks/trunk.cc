#include "models/clip_networks/trunk.h"

#include <string>

#include <torch/nn/functional/padding.h>
#include <torch/nn/modules/container/modulelist.h>

namespace aislewatch::clip_networks {
namespace {

namespace F = torch::nn::functional;

torch::nn::Conv2dOptions Conv(int in, int out, int kernel) {
  return torch::nn::Conv2dOptions(in, out, kernel).bias(true);
}

/// Zeros on the right and below: what SAME adds to an even side for a 3×3 kernel of stride 2.
torch::Tensor PadForStride(const torch::Tensor& x) {
  return F::pad(x, F::PadFuncOptions({0, 1, 0, 1}));
}

/// In place: at these sizes memory, not arithmetic, is what limits a CPU.
torch::Tensor Relu6(torch::Tensor x) { return torch::hardtanh_(x, 0, 6); }

}  // namespace

InvertedResidualImpl::InvertedResidualImpl(int in_channels, int out_channels, int expansion,
                                           int stride)
    : stride_(stride), shortcut_(stride == 1 && in_channels == out_channels) {
  const int wide = in_channels * expansion;
  if (expansion > 1) {
    expand_ = register_module("expand", torch::nn::Conv2d(Conv(in_channels, wide, 1)));
  }
  depthwise_ = register_module(
      "depthwise", torch::nn::Conv2d(
                       Conv(wide, wide, 3).stride(stride).padding(stride == 1 ? 1 : 0).groups(wide)));
  project_ = register_module("project", torch::nn::Conv2d(Conv(wide, out_channels, 1)));
}

torch::Tensor InvertedResidualImpl::forward(torch::Tensor x) {
  torch::Tensor y = expand_ ? Relu6(expand_(x)) : x;
  if (stride_ == 2) y = PadForStride(y);
  y = project_(Relu6(depthwise_(y)));
  return shortcut_ ? x + y : y;
}

TrunkImpl::TrunkImpl(const TrunkOptions& options) {
  stem_ = register_module(
      "stem", torch::nn::Conv2d(Conv(3, options.stem_channels, 3).stride(2)));
  torch::nn::ModuleList list;
  const auto add = [&](int in, int out, int expansion, int stride) {
    InvertedResidual block(in, out, expansion, stride);
    blocks_.push_back(block);
    list->push_back(block);
  };
  add(options.stem_channels, options.first_channels, /*expansion=*/1, /*stride=*/1);
  int in = options.first_channels;
  for (const TrunkStage& stage : options.stages) {
    for (int i = 0; i < stage.blocks; ++i) {
      add(in, stage.channels, options.expansion, i == 0 ? stage.stride : 1);
      in = stage.channels;
    }
    stage_ends_.push_back(blocks_.size());
  }
  register_module("blocks", list);
}

torch::Tensor TrunkImpl::forward(torch::Tensor x) {
  x = Relu6(stem_(PadForStride(x)));
  for (InvertedResidual& block : blocks_) x = block(x);
  return x;
}

std::vector<torch::Tensor> TrunkImpl::Stages(torch::Tensor x) {
  x = Relu6(stem_(PadForStride(x)));
  std::vector<torch::Tensor> stages;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    x = blocks_[i](x);
    if (stages.size() < stage_ends_.size() && stage_ends_[stages.size()] == i + 1) {
      stages.push_back(x);
    }
  }
  return stages;
}

}  // namespace aislewatch::clip_networks
