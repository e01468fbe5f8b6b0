#include "models/training/device.h"

#include <torch/cuda.h>

#include "absl/strings/str_cat.h"

namespace aislewatch::training {

absl::StatusOr<torch::Device> ChooseDevice(const std::string& name) {
  const bool cuda = torch::cuda::is_available();
  if (name == "cpu" || (name == "auto" && !cuda)) return torch::Device(torch::kCPU);
  if (name != "cuda" && name != "auto") {
    return absl::InvalidArgumentError(
        absl::StrCat("the device \"", name, "\" is unknown; use auto, cpu or cuda"));
  }
  if (!cuda) {
    return absl::FailedPreconditionError(
        "this build of LibTorch finds no CUDA device; use --device cpu");
  }
  return torch::Device(torch::kCUDA);
}

}  // namespace aislewatch::training
