#include "models/pose_anomaly/stg_nf/stg_nf.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "models/pose_anomaly/stg_nf/pose_windows.h"

namespace aislewatch::pose_anomaly {
namespace {

torch::nn::Conv2d Convolution(int in, int out, int frames) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, {frames, 1}).padding({(frames - 1) / 2, 0}));
}

}  // namespace

absl::Status CheckStgNfOptions(const StgNfOptions& options) {
  if (options.window < 4 || options.window > 240 || options.window % 4 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a window of ", options.window,
                     " frames does not fit STG-NF; take a multiple of 4 between 4 and 240, for "
                     "example 24"));
  }
  if (options.flow_steps < 1 || options.flow_steps > 64 || !std::isfinite(options.prior_mean)) {
    return absl::InvalidArgumentError("STG-NF takes 1 to 64 flow steps and a finite prior mean");
  }
  return absl::OkStatus();
}

StGraphConvolutionImpl::StGraphConvolutionImpl(int in, int out, int frames, bool residual) {
  joints_ = register_module("joints", Convolution(in, out, 1));
  joints_norm_ = register_module("joints_norm", torch::nn::BatchNorm2d(out));
  frames_ = register_module("frames", Convolution(out, out, frames));
  frames_norm_ = register_module("frames_norm", torch::nn::BatchNorm2d(out));
  if (!residual) return;
  residual_ = register_module("residual", Convolution(in, out, 1));
  residual_norm_ = register_module("residual_norm", torch::nn::BatchNorm2d(out));
}

torch::Tensor StGraphConvolutionImpl::forward(const torch::Tensor& x) {
  // The joints' mean commutes with the convolution of single joints.
  const torch::Tensor joints = joints_(x.mean(3, /*keepdim=*/true));
  torch::Tensor y = frames_norm_(frames_(torch::relu(joints_norm_(joints))));  // [B, out, T, 1]
  if (residual_.is_empty()) return torch::relu(y).expand({-1, -1, -1, x.size(3)});
  return torch::relu(y + residual_norm_(residual_(x)));
}

FlowStepImpl::FlowStepImpl(int window, bool first) {
  bias_ = register_parameter("bias", torch::zeros({1, kStgChannels, 1, 1}));
  log_scale_ = register_parameter("log_scale", torch::zeros({1, kStgChannels, 1, 1}));
  // As published: the first step's convolution has no residual path.
  coupling_ =
      register_module("coupling", StGraphConvolution(1, kStgChannels, window / 2 + 1, !first));
}

std::pair<torch::Tensor, torch::Tensor> FlowStepImpl::Couple(const torch::Tensor& first) {
  const torch::Tensor h = coupling_(first);
  // The scale stays within 0..1 and starts near 0.9, which keeps the inverse well conditioned.
  return {h.narrow(1, 0, 1), torch::sigmoid(h.narrow(1, 1, 1) + 2) + 1e-6};
}

std::pair<torch::Tensor, torch::Tensor> FlowStepImpl::Forward(const torch::Tensor& x) {
  const torch::Tensor z = ((x + bias_) * log_scale_.exp()).flip(1);
  const torch::Tensor first = z.narrow(1, 0, 1);
  const auto [shift, scale] = Couple(first);
  const torch::Tensor second = (z.narrow(1, 1, 1) + shift) * scale;
  const torch::Tensor log_det =
      log_scale_.sum() * (x.size(2) * x.size(3)) + scale.log().sum({1, 2, 3});
  return {torch::cat({first, second}, 1), log_det};
}

torch::Tensor FlowStepImpl::Inverse(const torch::Tensor& z) {
  const torch::Tensor first = z.narrow(1, 0, 1);
  const auto [shift, scale] = Couple(first);
  const torch::Tensor second = z.narrow(1, 1, 1) / scale - shift;
  return torch::cat({first, second}, 1).flip(1) * (-log_scale_).exp() - bias_;
}

void FlowStepImpl::Initialize(const torch::Tensor& x) {
  torch::NoGradGuard no_grad;
  bias_.copy_(-x.mean({0, 2, 3}, /*keepdim=*/true));
  const torch::Tensor variance = (x + bias_).pow(2).mean({0, 2, 3}, /*keepdim=*/true);
  log_scale_.copy_(-(variance.sqrt() + 1e-6).log());
}

StgNfImpl::StgNfImpl(const StgNfOptions& options) : options_(options) {
  for (int k = 0; k < options.flow_steps; ++k) {
    steps_.push_back(register_module("step" + std::to_string(k), FlowStep(options.window, k == 0)));
  }
}

std::pair<torch::Tensor, torch::Tensor> StgNfImpl::Forward(torch::Tensor x) {
  torch::Tensor log_det = torch::zeros({x.size(0)}, x.options());
  for (FlowStep& step : steps_) {
    auto [z, by_step] = step->Forward(x);
    x = z;
    log_det = log_det + by_step;
  }
  return {x, log_det};
}

torch::Tensor StgNfImpl::Inverse(torch::Tensor z) {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) z = (*step)->Inverse(z);
  return z;
}

torch::Tensor StgNfImpl::NegativeLogLikelihood(const torch::Tensor& x) {
  const auto [z, log_det] = Forward(x);
  const double dimensions = static_cast<double>(x[0].numel());
  const double log_normalizer = 0.5 * std::log(2 * M_PI) * dimensions;
  const torch::Tensor log_prior =
      -0.5 * (z - options_.prior_mean).pow(2).sum({1, 2, 3}) - log_normalizer;
  return -(log_prior + log_det) / (std::log(2.0) * dimensions);
}

void StgNfImpl::Initialize(torch::Tensor x) {
  torch::NoGradGuard no_grad;
  for (FlowStep& step : steps_) {
    step->Initialize(x);
    x = step->Forward(x).first;
  }
}

}  // namespace aislewatch::pose_anomaly
