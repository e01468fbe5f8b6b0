// The posture scorer as a model of the repository: architecture "posture".
//
// Tensors, all F32: projection.mean [34], projection.directions [C, 34]; of N densities
// mixture.weights [N, K], mixture.means [N, K, C], mixture.precision_factors [N, K, C, C] and
// rarity.quantiles [N, Q]; concealment.quantiles [8, Q], calibration.quantiles [Q]; Q is 1,001. In
// files of the first version, which knew one density only, [N, ...] is [...].
// Stateless and thread-safe; the calls block for the disk.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/inference/model_repository.h"
#include "models/pose_anomaly/posture/fit_posture.h"

namespace aislewatch::pose_anomaly {

inline constexpr absl::string_view kPostureArchitecture = "posture";

/// Writes FOLDER/weights.safetensors; the folder must exist.
absl::Status SavePosture(const FittedPosture& fitted, const std::string& folder);

/// INVALID_ARGUMENT names the tensor that is missing, or of another type or shape.
absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadPosture(const ModelFiles& files,
                                                               const ScoringOptions& scoring = {});

}  // namespace aislewatch::pose_anomaly
