#include "models/pose_anomaly/stg_nf/adamax.h"

#include <cmath>
#include <utility>

namespace aislewatch::pose_anomaly {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

Adamax::Adamax(std::vector<torch::Tensor> parameters, double learning_rate)
    : parameters_(std::move(parameters)), learning_rate_(learning_rate) {
  for (const torch::Tensor& p : parameters_) {
    means_.push_back(torch::zeros_like(p));
    norms_.push_back(torch::zeros_like(p));
  }
}

void Adamax::ZeroGrad() {
  for (const torch::Tensor& p : parameters_) {
    if (p.grad().defined()) p.grad().zero_();
  }
}

void Adamax::Step() {
  torch::NoGradGuard no_grad;
  ++steps_;
  const double rate = learning_rate_ / (1 - std::pow(kBeta1, static_cast<double>(steps_)));
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const torch::Tensor& gradient = parameters_[i].grad();
    if (!gradient.defined()) continue;
    means_[i].mul_(kBeta1).add_(gradient, 1 - kBeta1);
    norms_[i] = torch::maximum(norms_[i] * kBeta2, gradient.abs() + kEpsilon);
    torch::Tensor parameter = parameters_[i];
    parameter.addcdiv_(means_[i], norms_[i], -rate);
  }
}

}  // namespace aislewatch::pose_anomaly
