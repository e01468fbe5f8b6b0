// STG-NF as a model of the repository: architecture "stg_nf".
//
// The manifest's options are `window` (T), `flow_steps` (K) and `prior_mean` (R). The tensors are
// the flow's parameters and statistics under "flow." and calibration_quantiles [1001], all F32 but
// the norms' counters. Stateless and thread-safe; the calls block for the disk.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/scoring_options.h"

namespace aislewatch::pose_anomaly {

struct FittedStgNf;
struct StgNfOptions;

inline constexpr absl::string_view kStgNfArchitecture = "stg_nf";

/// The manifest's options for a flow.
nlohmann::json StgNfManifestOptions(const StgNfOptions& options);

/// Writes FOLDER/weights.safetensors; the folder must exist.
absl::Status SaveStgNf(const FittedStgNf& fitted, const std::string& folder);

/// INVALID_ARGUMENT for options without sense, tensors that do not fit them and a part of a score.
absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadStgNf(const ModelFiles& files,
                                                             const ScoringOptions& scoring = {});

}  // namespace aislewatch::pose_anomaly
