#include "models/movenet/conv_unit.h"

#include <optional>
#include <vector>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

namespace aislewatch {
namespace {

// LibTorch's XNNPACK operators are reachable by name only; a build without XNNPACK lacks them.
struct XnnpackOps {
  c10::OperatorHandle pack;
  c10::OperatorHandle run;
};

const XnnpackOps* FindXnnpack() {
  static const auto* const ops = []() -> const XnnpackOps* {
    auto& dispatcher = c10::Dispatcher::singleton();
    const auto pack = dispatcher.findSchema({"prepacked::conv2d_clamp_prepack", ""});
    const auto run = dispatcher.findSchema({"prepacked::conv2d_clamp_run", ""});
    if (!pack.has_value() || !run.has_value()) return nullptr;
    return new XnnpackOps{*pack, *run};
  }();
  return ops;
}

c10::IValue Pair(int64_t value) { return std::vector<int64_t>{value, value}; }

}  // namespace

ConvUnitImpl::ConvUnitImpl(const ConvUnitOptions& options) : options_(options) {
  const int64_t in_per_group = options.depthwise ? 1 : options.in;
  weight_ = register_parameter(
      "weight", torch::zeros({options.out, in_per_group, options.kernel, options.kernel}));
  if (options.bias) bias_ = register_parameter("bias", torch::zeros({options.out}));
}

void ConvUnitImpl::Prepare() {
  const torch::NoGradGuard no_grad;
  turned_weight_ = torch::flip(weight_.detach(), {2, 3}).contiguous(at::MemoryFormat::ChannelsLast);
  packed_ = c10::IValue();
  if (weight_.device().is_cpu() && FindXnnpack() != nullptr) PackForXnnpack();
}

void ConvUnitImpl::PackForXnnpack() {
  const int64_t groups = options_.depthwise ? options_.in : 1;
  torch::jit::Stack stack;
  stack.emplace_back(turned_weight_);
  stack.emplace_back(bias_.defined() ? c10::IValue(bias_.detach()) : c10::IValue());
  stack.push_back(Pair(options_.stride));
  stack.push_back(Pair(options_.kernel / 2));
  stack.push_back(Pair(1));
  stack.emplace_back(groups);
  stack.push_back(options_.activation == Activation::kNone ? c10::IValue() : c10::IValue(0.0));
  stack.push_back(options_.activation == Activation::kRelu6 ? c10::IValue(6.0) : c10::IValue());
  try {
    FindXnnpack()->pack.callBoxed(stack);
  } catch (const c10::Error&) {
    return;  // XNNPACK does not support this processor; LibTorch's own convolution does.
  }
  packed_ = stack.front();
}

torch::Tensor ConvUnitImpl::forward(const torch::Tensor& x) {
  TORCH_CHECK(turned_weight_.defined(), "ConvUnit::Prepare was not called");
  if (!packed_.isNone()) {
    torch::jit::Stack stack;
    stack.emplace_back(x);
    stack.push_back(packed_);
    FindXnnpack()->run.callBoxed(stack);
    return stack.front().toTensor();
  }
  const int64_t pad = options_.kernel / 2;
  torch::Tensor y =
      at::conv2d(x, turned_weight_, bias_, {options_.stride, options_.stride}, {pad, pad}, {1, 1},
                 options_.depthwise ? options_.in : 1);
  if (options_.activation == Activation::kRelu) at::relu_(y);
  if (options_.activation == Activation::kRelu6) at::clamp_(y, 0, 6);
  return y;
}

}  // namespace aislewatch
