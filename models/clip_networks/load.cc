#include "models/clip_networks/load.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/safetensors.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"
#include "models/clip_networks/clip_network.h"
#include "models/clip_networks/network_classifier.h"

namespace aislewatch {
namespace {

absl::Status CheckManifest(const ModelManifest& manifest) {
  if (manifest.role != ModelRole::kClassifier) {
    return absl::InvalidArgumentError(absl::StrCat(
        "its role is ", ModelRoleName(manifest.role), "; name a model of role classifier"));
  }
  if (manifest.backend != ModelBackend::kNative) {
    return absl::InvalidArgumentError(
        "its backend is not native; train a model with `aislewatch models train classifier`");
  }
  if (!std::equal(manifest.classes.begin(), manifest.classes.end(), kActionNames.begin(),
                  kActionNames.end(),
                  [](const std::string& a, absl::string_view b) { return a == b; })) {
    return absl::InvalidArgumentError(
        absl::StrCat("its classes must be ", absl::StrJoin(kActionNames, ", ")));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ClipClassifier>> LoadFiles(const ModelFiles& files, int threads) {
  AW_RETURN_IF_ERROR(CheckManifest(files.manifest));
  AW_ASSIGN_OR_RETURN(const clip_networks::Architecture architecture,
                      clip_networks::ArchitectureFromName(files.manifest.architecture));
  AW_ASSIGN_OR_RETURN(const clip_networks::Options options,
                      clip_networks::OptionsFromJson(architecture, files.manifest.options));
  AW_ASSIGN_OR_RETURN(const SafetensorsFile weights, SafetensorsFile::Open(files.weights_path));
  if (threads > 0) SetComputeThreads(threads);
  return CatchTorch("building the network",
                    [&]() -> absl::StatusOr<std::unique_ptr<ClipClassifier>> {
                      clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(options);
                      AW_RETURN_IF_ERROR(LoadParameters(weights, *network));
                      return std::make_unique<clip_networks::NetworkClassifier>(
                          files.manifest.info, std::move(network), torch::kCPU, threads);
                    });
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClipClassifier>> LoadClipClassifier(
    const ModelRepository& repository, absl::string_view name, absl::string_view version,
    int threads) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(name, version));
  auto classifier = LoadFiles(files, threads);
  if (!classifier.ok()) return Annotate(classifier.status(), files.folder);
  return classifier;
}

}  // namespace aislewatch
