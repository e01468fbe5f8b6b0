#include "models/retinanet/save.h"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"
#include "models/clip_networks/clip_network.h"
#include "models/retinanet/load.h"

namespace aislewatch::retinanet {

absl::Status SaveObjectDetector(const std::string& folder, const Network& network,
                                const Options& options, ModelManifest manifest) {
  AW_RETURN_IF_ERROR(ClassesOf(manifest.classes, options).status());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  }
  manifest.role = ModelRole::kObject;
  manifest.backend = ModelBackend::kNative;
  manifest.architecture = kRetinaNetArchitecture;
  manifest.options = OptionsToJson(options);
  manifest.input = {.size = {options.input_side, options.input_side},
                    .channels = "rgb",
                    .scale = {clip_networks::kInputScale},
                    .offset = {clip_networks::kInputOffset}};
  AW_RETURN_IF_ERROR(CatchTorch("saving the network", [&] {
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& parameter : network->named_parameters()) {
      tensors[parameter.key()] = parameter.value().detach().to(torch::kHalf);
    }
    return SaveTensors(absl::StrCat(folder, "/", manifest.weights_file), tensors);
  }));
  return WriteManifest(folder, std::move(manifest));
}

}  // namespace aislewatch::retinanet
