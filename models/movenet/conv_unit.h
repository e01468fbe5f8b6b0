// A convolution with its activation, the one brick that MoveNet is built of.
#pragma once

#include <cstdint>

#include <torch/nn/module.h>

namespace aislewatch {

enum class Activation : uint8_t { kNone, kRelu, kRelu6 };

struct ConvUnitOptions {
  int64_t in = 1;
  int64_t out = 1;
  /// Side of the square kernel: 1 or 3.
  int64_t kernel = 1;
  /// 1 or 2.
  int64_t stride = 1;
  /// One kernel per channel; `in` and `out` are equal then.
  bool depthwise = false;
  bool bias = true;
  Activation activation = Activation::kNone;
};

/// Convolution, bias and activation on a picture that is turned by 180 degrees.
///
/// TensorFlow's SAME padding puts the odd row and column of a strided convolution after the
/// picture; LibTorch pads both sides alike. On a turned picture with turned kernels the odd row
/// and column come first, where one pixel of padding on each side gives exactly that, because the
/// last padded row is then never reached (sides are even). So nothing is copied for the padding.
///
/// Parameters `weight` `[out, in or 1, k, k]` and `bias` `[out]` are as the upright network has
/// them. Prepare() must be called once they are loaded and the module is on its device; later
/// changes of the parameters have no effect. Inference only. Not thread-safe.
class ConvUnitImpl : public torch::nn::Module {
 public:
  explicit ConvUnitImpl(const ConvUnitOptions& options);

  /// Turns the kernel and, on the CPU, packs it for XNNPACK, whose convolution applies the clamp
  /// while the result is still in a register.
  void Prepare();

  /// `x` `[B, in, H, W]` float32, channels last, turned, H and W even where stride is 2. Returns
  /// `[B, out, H / stride, W / stride]`.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  void PackForXnnpack();

  const ConvUnitOptions options_;
  torch::Tensor weight_;
  torch::Tensor bias_;
  torch::Tensor turned_weight_;
  c10::IValue packed_;
};
TORCH_MODULE(ConvUnit);

}  // namespace aislewatch
