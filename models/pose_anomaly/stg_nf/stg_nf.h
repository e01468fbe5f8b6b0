// STG-NF: a normalising flow over windows of poses.
//
// Hirschorn and Avidan, "Normalizing Flows for Human Pose Anomaly Detection", ICCV 2023, arXiv
// 2211.10946. A window x [2, T, 18] goes through K invertible steps to z, whose prior is a unit
// Gaussian around `prior_mean` in every dimension; log p(x) = log N(z) + sum log |dz/dx|, and
// normal windows are likely. Where the paper leaves a choice, the settings of its published runs
// hold: one level (L = 1), one spatio-temporal graph convolution per coupling without hidden
// channels, uniform adjacency of up to 8 hops, channels reversed between steps.
#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace aislewatch::pose_anomaly {

struct StgNfOptions {
  /// T: frames of a window, at 15 per second; a multiple of 4, so that the convolution over
  /// T / 2 + 1 frames has a middle.
  int window = 24;
  /// K.
  int flow_steps = 8;
  /// R: the prior's mean for normal windows.
  double prior_mean = 3;
};

/// INVALID_ARGUMENT unless the window is a multiple of 4 within 4..240 and there are 1..64 steps.
absl::Status CheckStgNfOptions(const StgNfOptions& options);

/// One spatio-temporal graph convolution (Yan et al. 2018, arXiv 1801.07455): joints are mixed
/// through the adjacency, then frames by a convolution over time. `[B, in, T, 18]` to
/// `[B, out, T, 18]`.
///
/// Within 8 hops every joint of the skeleton reaches every other, so the published uniform
/// adjacency is 1/18 everywhere (a test shows it) and mixing joints is taking their mean. That path
/// therefore has one value per frame, and is computed once instead of for each joint; only the
/// residual path tells joints apart.
class StGraphConvolutionImpl : public torch::nn::Module {
 public:
  StGraphConvolutionImpl(int in, int out, int frames, bool residual);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d joints_{nullptr}, frames_{nullptr}, residual_{nullptr};
  torch::nn::BatchNorm2d joints_norm_{nullptr}, frames_norm_{nullptr}, residual_norm_{nullptr};
};
TORCH_MODULE(StGraphConvolution);

/// A step of the flow on `[B, 2, T, 18]`: activation normalisation, the channels' order reversed,
/// and an affine coupling that moves and scales the second channel by what it sees in the first.
class FlowStepImpl : public torch::nn::Module {
 public:
  FlowStepImpl(int window, bool first);

  /// The output and log |determinant| `[B]`.
  std::pair<torch::Tensor, torch::Tensor> Forward(const torch::Tensor& x);
  torch::Tensor Inverse(const torch::Tensor& z);
  /// Sets the normalisation so that its output on `x` has zero mean and unit variance per channel.
  void Initialize(const torch::Tensor& x);

 private:
  // Shift and scale of the second channel, from the first.
  std::pair<torch::Tensor, torch::Tensor> Couple(const torch::Tensor& first);

  torch::Tensor bias_, log_scale_;  // [1, 2, 1, 1]
  StGraphConvolution coupling_{nullptr};
};
TORCH_MODULE(FlowStep);

/// The flow. In evaluation mode its calls do not change it, so that it may be shared by threads;
/// in training mode batch statistics make every call an update.
class StgNfImpl : public torch::nn::Module {
 public:
  /// `options` must be valid.
  explicit StgNfImpl(const StgNfOptions& options);

  /// `x`: `[B, 2, T, 18]`. z of the same shape and log |det dz/dx| `[B]`.
  std::pair<torch::Tensor, torch::Tensor> Forward(torch::Tensor x);
  /// Exact in evaluation mode.
  torch::Tensor Inverse(torch::Tensor z);
  /// `[B]`, in bits per dimension.
  torch::Tensor NegativeLogLikelihood(const torch::Tensor& x);
  /// Data-dependent start of all normalisations, to be called once before training.
  void Initialize(torch::Tensor x);

  const StgNfOptions& options() const { return options_; }

 private:
  const StgNfOptions options_;
  std::vector<FlowStep> steps_;
};
TORCH_MODULE(StgNf);

}  // namespace aislewatch::pose_anomaly
