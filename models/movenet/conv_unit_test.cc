#include "models/movenet/conv_unit.h"

#include "gtest/gtest.h"

#include "models/movenet/movenet.h"

namespace aislewatch {
namespace {

// TensorFlow's SAME padding, written out: the odd row and column come last.
torch::Tensor SameConvolution(const torch::Tensor& x, const torch::Tensor& weight,
                              const torch::Tensor& bias, const ConvUnitOptions& options) {
  const auto pads = [&](int64_t side) {
    const int64_t out = (side + options.stride - 1) / options.stride;
    const int64_t total = std::max<int64_t>((out - 1) * options.stride + options.kernel - side, 0);
    return std::pair(total / 2, total - total / 2);
  };
  const auto [top, bottom] = pads(x.size(2));
  const auto [left, right] = pads(x.size(3));
  torch::Tensor y =
      at::conv2d(at::constant_pad_nd(x, {left, right, top, bottom}), weight, bias,
                 {options.stride, options.stride}, at::IntArrayRef{0, 0}, {1, 1},
                 options.depthwise ? options.in : 1);
  if (options.activation == Activation::kRelu) y.relu_();
  if (options.activation == Activation::kRelu6) y.clamp_(0, 6);
  return y;
}

torch::Tensor Turn(const torch::Tensor& x) {
  return torch::flip(x, {2, 3}).contiguous(at::MemoryFormat::ChannelsLast);
}

void ExpectLikeTensorFlow(const ConvUnitOptions& options) {
  torch::manual_seed(5);
  const torch::NoGradGuard no_grad;
  ConvUnit unit(options);
  auto parameters = unit->named_parameters();
  parameters["weight"].copy_(torch::randn(parameters["weight"].sizes()));
  torch::Tensor bias;
  if (options.bias) {
    bias = parameters["bias"];
    bias.copy_(torch::randn(bias.sizes()));
  }
  unit->Prepare();
  const torch::Tensor x = torch::randn({2, options.in, 12, 20}) * 3;
  const torch::Tensor ours = Turn(unit(Turn(x)));
  const torch::Tensor expected = SameConvolution(x, parameters["weight"], bias, options);
  ASSERT_EQ(ours.sizes(), expected.sizes());
  EXPECT_LT((ours - expected).abs().max().item<float>(), 1e-4f)
      << "kernel " << options.kernel << " stride " << options.stride;
}

TEST(ConvUnit, PadsAsTensorFlowDoesAtBothStrides) {
  for (const int64_t stride : {1, 2}) {
    for (const bool depthwise : {false, true}) {
      ConvUnitOptions options;
      options.in = 6;
      options.out = depthwise ? 6 : 10;
      options.kernel = 3;
      options.stride = stride;
      options.depthwise = depthwise;
      options.activation = Activation::kRelu6;
      ExpectLikeTensorFlow(options);
    }
  }
}

TEST(ConvUnit, AppliesEachActivationWithAndWithoutBias) {
  for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kRelu6}) {
    ConvUnitOptions options;
    options.in = 5;
    options.out = 7;
    options.bias = activation != Activation::kRelu;
    options.activation = activation;
    ExpectLikeTensorFlow(options);
  }
}

TEST(ConvUnit, RefusesToRunUnprepared) {
  ConvUnit unit(ConvUnitOptions{});
  EXPECT_THROW(unit(torch::zeros({1, 1, 4, 4})), c10::Error);
}

TEST(MoveNet, GivesHeadsAtAQuarterOfThePicture) {
  const c10::InferenceMode inference;
  MoveNet network;
  network->Prepare();
  const MoveNetHeads heads = network->forward(torch::zeros({2, 3, 64, 96}));
  for (size_t i = 0; i < heads.size(); ++i) {
    EXPECT_EQ(heads[i].sizes().vec(),
              (std::vector<int64_t>{2, kMoveNetHeads[i].channels, 16, 24}));
  }
  EXPECT_THROW(network->forward(torch::zeros({1, 3, 64, 80})), c10::Error);
}

}  // namespace
}  // namespace aislewatch
