// ConvLSTM: recurrences whose states are pictures.
#pragma once

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <vector>

#include "models/clip_networks/clip_network.h"

namespace aislewatch::clip_networks {

/// One layer (Shi et al. 2015, arXiv 1506.04214, without peepholes, as in the UCF50 work): the gates are
/// a 3×3 convolution over the input and the last output.
class ConvLstmLayer : public torch::nn::Module {
 public:
  ConvLstmLayer(int in_channels, int channels);
  /// `[B, T, in, H, W]` → `[B, T, channels, H, W]`, from a state of zeros.
  torch::Tensor forward(const torch::Tensor& sequence);

 private:
  const int channels_;
  torch::nn::Conv2d input_{nullptr};
  torch::nn::Conv2d state_{nullptr};
};

/// Four layers of 4, 8, 14 and 16 channels in the sizes of the UCF50 work, each pooled by 2, a fifth
/// dropped out after all but the last; logits from the last output of each step. There the head saw all
/// 20 steps side by side; here it sees the latest, so that young tracks have scores, too.
class ConvLstm : public ClipNetwork {
 public:
  explicit ConvLstm(const Options& options);

  /// The picture itself: the recurrence begins at its pixels.
  torch::Tensor Picture(const torch::Tensor& maps) override { return maps.flatten(1); }
  torch::Tensor EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) override;
  int picture_size() const override { return 3 * options().crop_side * options().crop_side; }

 private:
  std::vector<std::shared_ptr<ConvLstmLayer>> layers_;
  torch::nn::Linear head_{nullptr};
};

}  // namespace aislewatch::clip_networks
