#include "models/training/run_setup.h"

#include <torch/cuda.h>

#include <filesystem>

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

absl::StatusOr<ModelInfo> ModelInfoOf(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  ModelInfo info{path.parent_path().filename().string(), path.filename().string()};
  if (info.name.empty() || info.version.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--out must end in NAME/VERSION, for example models/my-model/4, not ", folder));
  }
  return info;
}

}  // namespace aislewatch::training
