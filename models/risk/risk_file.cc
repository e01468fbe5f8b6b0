#include "models/risk/risk_file.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"

namespace aislewatch {
namespace {

constexpr absl::string_view kArchitecture = "log_odds";

absl::Status Unfit(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, "; fit the model anew with `aislewatch models train risk`"));
}

absl::Status CheckManifest(const ModelManifest& manifest) {
  if (manifest.role == ModelRole::kRisk && manifest.backend == ModelBackend::kNative &&
      manifest.architecture == kArchitecture) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("is no native model of the role risk and the architecture ", kArchitecture,
                   " but ", ModelRoleName(manifest.role), " by ",
                   ModelBackendName(manifest.backend), " ", manifest.architecture));
}

// The names must be ours, in our order: a weight that is not used, or not given, is a mistake.
absl::Status CheckNames(const nlohmann::json& options) {
  const auto it = options.find("weights");
  const auto names = NamedRiskWeights();
  if (it == options.end() || !it->is_array() || it->size() != names.size()) {
    return Unfit(absl::StrCat("architecture.options.weights must name ", names.size(), " weights"));
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*it)[i] == std::string(names[i].name)) continue;
    return Unfit(
        absl::StrCat("architecture.options.weights[", i, "] must be \"", names[i].name, "\""));
  }
  return absl::OkStatus();
}

absl::StatusOr<RiskWeights> ReadWeights(const ModelFiles& files) {
  AW_RETURN_IF_ERROR(CheckNames(files.manifest.options));
  const auto dwell = files.manifest.options.find("full_dwell_s");
  if (dwell == files.manifest.options.end() || !dwell->is_number() || !(*dwell > 0)) {
    return Unfit("architecture.options.full_dwell_s must be a number above 0");
  }
  RiskWeights weights;
  weights.full_dwell = absl::Seconds(dwell->get<double>());

  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(files.weights_path));
  const auto names = NamedRiskWeights();
  const TensorView* view = file.Find("weights");
  const std::vector<int64_t> shape = {static_cast<int64_t>(names.size())};
  if (view == nullptr || view->dtype != DType::kF32 || view->shape != shape) {
    return Unfit(absl::StrCat("tensor 'weights' is missing or not F32 of ", names.size()));
  }
  std::vector<float> values(names.size());
  std::memcpy(values.data(), view->data.data(), values.size() * sizeof(float));
  for (size_t i = 0; i < names.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return Unfit(absl::StrCat("the weight ", names[i].name, " is no number"));
    }
    weights.*names[i].weight = values[i];
  }
  return weights;
}

}  // namespace

absl::StatusOr<RiskFile> LoadRiskFile(const ModelRepository& repository, absl::string_view name,
                                      absl::string_view version) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(name, version));
  absl::Status status = CheckManifest(files.manifest);
  if (!status.ok()) return Annotate(status, files.folder);
  absl::StatusOr<RiskWeights> weights = ReadWeights(files);
  if (!weights.ok()) return Annotate(weights.status(), files.folder);
  return RiskFile{*std::move(weights), files.manifest.info};
}

absl::Status SaveRiskFile(const RiskWeights& weights, ModelManifest manifest,
                          const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat(folder, ": cannot be made: ", error.message()));
  }
  std::vector<float> values;
  nlohmann::json names = nlohmann::json::array();
  for (const auto& [name, weight] : NamedRiskWeights()) {
    values.push_back(static_cast<float>(weights.*weight));
    names.push_back(std::string(name));
  }
  const TensorView tensor = {"weights",
                             DType::kF32,
                             {static_cast<int64_t>(values.size())},
                             absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(values.data()),
                                                 values.size() * sizeof(float))};
  AW_RETURN_IF_ERROR(WriteSafetensors(folder + "/weights.safetensors", {tensor}));
  manifest.role = ModelRole::kRisk;
  manifest.backend = ModelBackend::kNative;
  manifest.architecture = std::string(kArchitecture);
  manifest.options = {{"weights", std::move(names)},
                      {"full_dwell_s", absl::ToDoubleSeconds(weights.full_dwell)}};
  manifest.input.size = {static_cast<int64_t>(values.size())};
  return WriteManifest(folder, std::move(manifest));
}

}  // namespace aislewatch
