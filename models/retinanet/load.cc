#include "models/retinanet/load.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/safetensors.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"
#include "models/retinanet/network.h"
#include "models/retinanet/network_detector.h"

namespace aislewatch {
namespace {

absl::Status CheckRoleAndArchitecture(const ModelManifest& manifest) {
  if (manifest.role != ModelRole::kObject) {
    return absl::InvalidArgumentError(absl::StrCat("its role is ", ModelRoleName(manifest.role),
                                                   "; name a model of role object"));
  }
  if (manifest.backend != ModelBackend::kNative ||
      manifest.architecture != kRetinaNetArchitecture) {
    return absl::InvalidArgumentError(absl::StrCat("its architecture is \"", manifest.architecture,
                                                   "\"; this loader knows \"",
                                                   kRetinaNetArchitecture, "\""));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ObjectDetector>> LoadFiles(const ModelFiles& files, int threads) {
  AW_RETURN_IF_ERROR(CheckRoleAndArchitecture(files.manifest));
  AW_ASSIGN_OR_RETURN(const retinanet::Options options,
                      retinanet::OptionsFromJson(files.manifest.options));
  AW_ASSIGN_OR_RETURN(std::vector<ObjectClass> classes,
                      retinanet::ClassesOf(files.manifest.classes, options));
  AW_ASSIGN_OR_RETURN(const SafetensorsFile weights, SafetensorsFile::Open(files.weights_path));
  if (threads > 0) SetComputeThreads(threads);
  return CatchTorch(
      "building the network", [&]() -> absl::StatusOr<std::unique_ptr<ObjectDetector>> {
        retinanet::Network network(options, static_cast<int>(classes.size()));
        AW_RETURN_IF_ERROR(LoadParameters(weights, *network));
        return std::make_unique<retinanet::NetworkDetector>(
            files.manifest.info, std::move(classes), std::move(network), torch::kCPU, threads);
      });
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectDetector>> LoadObjectDetector(
    const ModelRepository& repository, absl::string_view name, absl::string_view version,
    int threads) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(name, version));
  auto detector = LoadFiles(files, threads);
  if (!detector.ok()) return Annotate(detector.status(), files.folder);
  return detector;
}

}  // namespace aislewatch
