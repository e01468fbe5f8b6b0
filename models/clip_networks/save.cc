#include "models/clip_networks/save.h"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"

namespace aislewatch::clip_networks {

absl::Status SaveClipClassifier(const std::string& folder, const ClipNetwork& network,
                                ModelManifest manifest) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  }
  manifest.role = ModelRole::kClassifier;
  manifest.backend = ModelBackend::kNative;
  manifest.architecture = std::string(ArchitectureName(network.options().architecture));
  manifest.options = OptionsToJson(network.options());
  manifest.input = {.size = {network.options().crop_side, network.options().crop_side},
                    .channels = "rgb",
                    .scale = {kInputScale},
                    .offset = {kInputOffset}};
  manifest.classes.clear();
  for (const absl::string_view name : kActionNames) manifest.classes.emplace_back(name);
  AW_RETURN_IF_ERROR(CatchTorch("saving the network", [&] {
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& parameter : network.named_parameters()) {
      tensors[parameter.key()] = parameter.value().detach().to(torch::kHalf);
    }
    return SaveTensors(absl::StrCat(folder, "/", manifest.weights_file), tensors);
  }));
  return WriteManifest(folder, std::move(manifest));
}

}  // namespace aislewatch::clip_networks
