#include "models/clip_networks/cnn_lstm.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/pooling.h>

#include <array>

namespace aislewatch::clip_networks {
namespace {

struct CnnStage {
  int channels = 0;
  int pool = 0;
};
constexpr std::array<CnnStage, 4> kCnnStages = {{{16, 4}, {32, 4}, {64, 2}, {64, 2}}};
constexpr double kCnnDropout = 0.25;
/// The product of all poolings.
constexpr int kCnnStride = 64;

}  // namespace

CnnLstm::CnnLstm(const Options& options) : ClipNetwork(options) {
  torch::nn::Sequential cnn;
  int in = 3;
  for (size_t i = 0; i < kCnnStages.size(); ++i) {
    const CnnStage& stage = kCnnStages[i];
    cnn->push_back(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, stage.channels, 3).padding(1)));
    cnn->push_back(torch::nn::ReLU());
    cnn->push_back(torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(stage.pool)));
    if (i + 1 < kCnnStages.size()) cnn->push_back(torch::nn::Dropout(kCnnDropout));
    in = stage.channels;
  }
  cnn_ = register_module("cnn", cnn);
  lstm_ = register_module(
      "lstm",
      torch::nn::LSTM(
          torch::nn::LSTMOptions(CnnLstm::picture_size(), options.hidden_size).batch_first(true)));
  head_ = register_module("head", torch::nn::Linear(options.hidden_size, kActionCount));
}

int CnnLstm::picture_size() const {
  const int side = options().crop_side / kCnnStride;
  return kCnnStages.back().channels * side * side;
}

torch::Tensor CnnLstm::Picture(const torch::Tensor& maps) { return cnn_->forward(maps).flatten(1); }

torch::Tensor CnnLstm::EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) {
  const torch::Tensor steps = std::get<0>(lstm_(features));
  return head_(steps.reshape({-1, options().hidden_size}).index_select(0, wanted));
}

}  // namespace aislewatch::clip_networks
