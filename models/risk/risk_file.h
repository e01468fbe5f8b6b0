// Weights of the risk as a model: NAME/VERSION/{weights.safetensors, model.json}, role "risk",
// architecture "log_odds".
//
// weights.safetensors holds one tensor "weights", F32 [16]; the manifest's options name its
// entries ("weights": ["bias", ...]) and give "full_dwell_s", so that nobody has to count.
// Stateless and thread-safe; the calls block for the disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/risk/risk_weights.h"

namespace aislewatch {

/// Weights and the model that they are from.
struct RiskFile {
  RiskWeights weights;
  /// Empty where they are set by hand.
  ModelInfo info;
};

/// The model `name` in `version`, or in its newest version where that is empty. Besides
/// ModelRepository::Find's errors, INVALID_ARGUMENT where the model has another role or
/// architecture, or lacks a weight, has an unknown one or one that is no number.
absl::StatusOr<RiskFile> LoadRiskFile(const ModelRepository& repository, absl::string_view name,
                                      absl::string_view version = "");

/// Writes both files into `folder`, which is made where it is missing. Role, architecture, options
/// and the weights' checksum of `manifest` are filled in here.
absl::Status SaveRiskFile(const RiskWeights& weights, ModelManifest manifest,
                          const std::string& folder);

}  // namespace aislewatch
