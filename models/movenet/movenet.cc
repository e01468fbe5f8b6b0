#include "models/movenet/movenet.h"

#include <string>

namespace aislewatch {
namespace {

struct BlockSpec {
  int64_t out;
  int64_t stride;
};

// MobileNetV2's seventeen blocks; the first does not expand.
constexpr std::array<BlockSpec, 17> kBlocks = {{{24, 1},
                                                {40, 2}, {40, 1},
                                                {48, 2}, {48, 1}, {48, 1},
                                                {96, 2}, {96, 1}, {96, 1}, {96, 1},
                                                {144, 1}, {144, 1}, {144, 1},
                                                {240, 2}, {240, 1}, {240, 1},
                                                {480, 1}}};
constexpr int64_t kStemChannels = 48;
constexpr int64_t kExpansion = 6;
constexpr int64_t kLastChannels = 1280;
constexpr int64_t kHeadChannels = 96;

// The last blocks at strides 4, 8 and 16: where the pyramid takes its features.
constexpr std::array<size_t, 3> kTaps = {2, 5, 9};
// Pyramid levels from coarse to fine: channels of the backbone there and of the pyramid.
struct LevelSpec {
  int64_t backbone;
  int64_t pyramid;
};
constexpr std::array<LevelSpec, 4> kLevels = {{{kLastChannels, 64}, {96, 64}, {48, 32}, {40, 24}}};

ConvUnit Pointwise(int64_t in, int64_t out, Activation activation) {
  ConvUnitOptions options;
  options.in = in;
  options.out = out;
  options.activation = activation;
  return ConvUnit(options);
}

ConvUnit Depthwise(int64_t channels, int64_t stride, bool bias, Activation activation) {
  ConvUnitOptions options;
  options.in = options.out = channels;
  options.kernel = 3;
  options.stride = stride;
  options.depthwise = true;
  options.bias = bias;
  options.activation = activation;
  return ConvUnit(options);
}

ConvUnit Stem() {
  ConvUnitOptions options;
  options.in = 3;
  options.out = kStemChannels;
  options.kernel = 3;
  options.stride = 2;
  options.activation = Activation::kRelu6;
  return ConvUnit(options);
}

// Twice the size; TensorFlow's half_pixel_centers is LibTorch's align_corners = false.
torch::Tensor Upsample(const torch::Tensor& x) {
  const std::array<int64_t, 2> size = {x.size(2) * 2, x.size(3) * 2};
  return at::upsample_bilinear2d(x, at::IntArrayRef(size), /*align_corners=*/false);
}

}  // namespace

InvertedResidualImpl::InvertedResidualImpl(int64_t in, int64_t out, int64_t stride, int64_t expand)
    : residual_(stride == 1 && in == out) {
  const int64_t wide = in * expand;
  if (expand != 1) {
    expand_ = register_module("expand", Pointwise(in, wide, Activation::kRelu6));
  }
  depthwise_ = register_module("depthwise", Depthwise(wide, stride, true, Activation::kRelu6));
  project_ = register_module("project", Pointwise(wide, out, Activation::kNone));
}

torch::Tensor InvertedResidualImpl::forward(const torch::Tensor& x) {
  torch::Tensor y = expand_.is_empty() ? x : expand_(x);
  y = project_(depthwise_(y));
  if (residual_) y.add_(x);
  return y;
}

SeparableConvImpl::SeparableConvImpl(int64_t in, int64_t out) {
  depthwise_ = register_module("depthwise", Depthwise(in, 1, false, Activation::kNone));
  pointwise_ = register_module("pointwise", Pointwise(in, out, Activation::kRelu));
}

torch::Tensor SeparableConvImpl::forward(const torch::Tensor& x) {
  return pointwise_(depthwise_(x));
}

MoveNetImpl::MoveNetImpl() {
  stem_ = register_module("stem", Stem());
  int64_t channels = kStemChannels;
  for (size_t i = 0; i < kBlocks.size(); ++i) {
    const int64_t expand = i == 0 ? 1 : kExpansion;
    blocks_.push_back(register_module(
        "block" + std::to_string(i),
        InvertedResidual(channels, kBlocks[i].out, kBlocks[i].stride, expand)));
    channels = kBlocks[i].out;
  }
  last_ = register_module("last", Pointwise(channels, kLastChannels, Activation::kRelu6));
  for (size_t i = 0; i < kLevels.size(); ++i) {
    const LevelSpec& level = kLevels[i];
    laterals_.push_back(register_module("lateral" + std::to_string(i),
                                        Pointwise(level.backbone, level.pyramid,
                                                  Activation::kNone)));
    if (i == 0) continue;
    const int64_t next = i + 1 < kLevels.size() ? kLevels[i + 1].pyramid : level.pyramid;
    smooth_.push_back(register_module("smooth" + std::to_string(i - 1),
                                      SeparableConv(level.pyramid, next)));
  }
  for (const MoveNetHeadSpec& head : kMoveNetHeads) {
    const std::string name(head.name);
    head_features_.push_back(register_module(
        name + "_features", SeparableConv(kLevels.back().pyramid, kHeadChannels)));
    head_outputs_.push_back(register_module(
        name + "_output", Pointwise(kHeadChannels, head.channels, Activation::kNone)));
  }
}

void MoveNetImpl::Prepare() {
  eval();
  for (const auto& module : modules(/*include_self=*/false)) {
    if (auto* unit = module->as<ConvUnitImpl>()) unit->Prepare();
  }
}

MoveNetHeads MoveNetImpl::forward(const torch::Tensor& picture) {
  const torch::Tensor turned =
      torch::flip(picture, {2, 3}).contiguous(at::MemoryFormat::ChannelsLast);
  MoveNetHeads heads = ForwardTurned(turned);
  for (torch::Tensor& head : heads) head = torch::flip(head, {2, 3});
  return heads;
}

MoveNetHeads MoveNetImpl::ForwardTurned(const torch::Tensor& turned_picture) {
  TORCH_CHECK(turned_picture.dim() == 4 && turned_picture.size(1) == 3 &&
                  turned_picture.size(2) % 32 == 0 && turned_picture.size(3) % 32 == 0,
              "MoveNet takes [B, 3, H, W] with sides that are multiples of 32, not ",
              turned_picture.sizes());
  torch::Tensor x = stem_(turned_picture);
  std::array<torch::Tensor, kTaps.size()> taps;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    x = blocks_[i](x);
    for (size_t tap = 0; tap < kTaps.size(); ++tap) {
      if (kTaps[tap] == i) taps[tap] = x;
    }
  }
  x = laterals_[0](last_(x));
  for (size_t level = 0; level < smooth_.size(); ++level) {
    x = Upsample(x);
    x.add_(laterals_[level + 1](taps[taps.size() - 1 - level]));
    x = smooth_[level](x);
  }
  MoveNetHeads heads;
  for (size_t i = 0; i < heads.size(); ++i) heads[i] = head_outputs_[i](head_features_[i](x));
  return heads;
}

}  // namespace aislewatch
