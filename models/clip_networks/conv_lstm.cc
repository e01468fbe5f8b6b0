#include "models/clip_networks/conv_lstm.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace aislewatch::clip_networks {
namespace {

constexpr std::array<int, 4> kLayerChannels = {4, 8, 14, 16};
constexpr double kConvLstmDropout = 0.2;
constexpr int kConvLstmStride = 16;

torch::nn::Conv2d GatesFrom(int channels, int gates, bool bias) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, gates, 3).padding(1).bias(bias));
}

}  // namespace

ConvLstmLayer::ConvLstmLayer(int in_channels, int channels) : channels_(channels) {
  input_ = register_module("input", GatesFrom(in_channels, 4 * channels, /*bias=*/true));
  state_ = register_module("state", GatesFrom(channels, 4 * channels, /*bias=*/false));
  // What was seen is kept until there is a reason to forget it (Jozefowicz et al. 2015).
  const torch::NoGradGuard no_gradients;
  input_->bias.slice(0, channels, 2 * channels).fill_(1);
}

torch::Tensor ConvLstmLayer::forward(const torch::Tensor& sequence) {
  const int64_t batch = sequence.size(0);
  const int64_t steps = sequence.size(1);
  // The input's share of all steps at once; only the state's share must wait for the step before.
  const torch::Tensor from_input = input_(sequence.flatten(0, 1)).unflatten(0, {batch, steps});
  torch::Tensor output, cell;
  std::vector<torch::Tensor> outputs;
  for (int64_t t = 0; t < steps; ++t) {
    torch::Tensor gates = from_input.select(1, t);
    if (output.defined()) gates = gates + state_(output);
    const std::vector<torch::Tensor> parts = gates.split(channels_, 1);
    const torch::Tensor fresh = torch::sigmoid(parts[0]) * torch::tanh(parts[2]);
    cell = cell.defined() ? torch::sigmoid(parts[1]) * cell + fresh : fresh;
    output = torch::sigmoid(parts[3]) * torch::tanh(cell);
    outputs.push_back(output);
  }
  return torch::stack(outputs, 1);
}

ConvLstm::ConvLstm(const Options& options) : ClipNetwork(options) {
  int in = 3;
  for (size_t i = 0; i < kLayerChannels.size(); ++i) {
    layers_.push_back(register_module(absl::StrCat("layer", i),
                                      std::make_shared<ConvLstmLayer>(in, kLayerChannels[i])));
    in = kLayerChannels[i];
  }
  const int side = options.crop_side / kConvLstmStride;
  head_ = register_module("head", torch::nn::Linear(in * side * side, kActionCount));
}

torch::Tensor ConvLstm::EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) {
  const int64_t side = options().crop_side;
  torch::Tensor x = features.unflatten(2, {3, side, side});
  for (size_t i = 0; i < layers_.size(); ++i) {
    x = layers_[i]->forward(x);
    x = torch::max_pool2d(x.flatten(0, 1), 2).unflatten(0, {features.size(0), features.size(1)});
    if (i + 1 < layers_.size()) x = torch::dropout(x, kConvLstmDropout, is_training());
  }
  return head_(x.flatten(0, 1).flatten(1).index_select(0, wanted));
}

}  // namespace aislewatch::clip_networks
