#include "common/inference/torchscript_module.h"

#include <utility>

#include <torch/script.h>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"

namespace aislewatch {

struct TorchScriptModule::Impl {
  torch::jit::Module module;
};

TorchScriptModule::TorchScriptModule(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TorchScriptModule::~TorchScriptModule() = default;

absl::StatusOr<std::unique_ptr<TorchScriptModule>> TorchScriptModule::Load(
    const std::string& path) {
  auto impl = std::make_unique<Impl>();
  const absl::Status loaded = CatchTorch(path, [&]() -> absl::Status {
    impl->module = torch::jit::load(path, torch::kCPU);
    impl->module.eval();
    return absl::OkStatus();
  });
  if (!loaded.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot load TorchScript (export the network with torch.jit.save): ", loaded.message()));
  }
  return std::unique_ptr<TorchScriptModule>(new TorchScriptModule(std::move(impl)));
}

absl::StatusOr<torch::Tensor> TorchScriptModule::Run(const torch::Tensor& input) {
  return CatchTorch("TorchScript", [&]() -> absl::StatusOr<torch::Tensor> {
    const c10::InferenceMode inference;
    c10::IValue output = impl_->module.forward({input});
    if (output.isTuple() && !output.toTupleRef().elements().empty()) {
      output = c10::IValue(output.toTupleRef().elements()[0]);
    } else if (output.isTensorList() && output.toTensorList().size() > 0) {
      output = output.toTensorList().get(0);
    }
    if (!output.isTensor()) {
      return absl::InternalError(
          absl::StrCat("the TorchScript network gives a ", output.tagKind(), ", not a tensor"));
    }
    return output.toTensor();
  });
}

}  // namespace aislewatch
