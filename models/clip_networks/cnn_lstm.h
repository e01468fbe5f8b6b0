// CNN-LSTM: a small CNN on each crop, then a recurrence over what it saw.
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include "models/clip_networks/clip_network.h"

namespace aislewatch::clip_networks {

/// The long-term recurrent convolutional network (Donahue et al. 2015, arXiv 1411.4389) in the sizes of
/// the UCF50 work: 3×3 convolutions to 16, 32, 64 and 64 channels with ReLU, pooled by 4, 4, 2 and 2,
/// a quarter dropped out after each pooling but the last; LSTM; logits. Nothing is pretrained.
class CnnLstm : public ClipNetwork {
 public:
  explicit CnnLstm(const Options& options);

  torch::Tensor Picture(const torch::Tensor& maps) override;
  torch::Tensor EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) override;
  int picture_size() const override;

 private:
  torch::nn::Sequential cnn_{nullptr};
  torch::nn::LSTM lstm_{nullptr};
  torch::nn::Linear head_{nullptr};
};

}  // namespace aislewatch::clip_networks
