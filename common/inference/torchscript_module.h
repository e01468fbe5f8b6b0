// Networks that somebody exported as TorchScript.
#pragma once

#include <memory>
#include <string>

#include <torch/types.h>

#include "absl/status/statusor.h"

namespace aislewatch {

/// A loaded TorchScript file that takes one tensor and gives one (or a tuple or list whose first
/// element is the one that counts, as some exporters write).
///
/// A TorchScript file is code and runs with the rights of the process: load none whose origin you
/// do not trust. Run is called from one thread at a time and blocks for the inference.
class TorchScriptModule {
 public:
  /// Loads `path` for the CPU, in evaluation mode. INVALID_ARGUMENT where it is no TorchScript.
  static absl::StatusOr<std::unique_ptr<TorchScriptModule>> Load(const std::string& path);
  ~TorchScriptModule();

  /// INTERNAL with LibTorch's message where the network refuses the input or gives no tensor.
  absl::StatusOr<torch::Tensor> Run(const torch::Tensor& input);

 private:
  struct Impl;
  explicit TorchScriptModule(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace aislewatch
