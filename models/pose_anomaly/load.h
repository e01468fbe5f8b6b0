// Pose anomaly scorers out of a model repository.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_anomaly_scorer.h"

namespace aislewatch {

/// The better one of models/pretrained; docs/models/pose-anomaly.md has the figures.
inline constexpr absl::string_view kDefaultPoseAnomalyModel = "posture";

/// The scorer `name` in `version`, or in its newest version where that is empty. Its architecture
/// is "posture" or "stg_nf". Blocks for the disk; thread-safe. Besides ModelRepository::Find's
/// errors, INVALID_ARGUMENT where the model has another role or architecture, or weights that do
/// not fit it.
absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadPoseAnomalyScorer(
    const ModelRepository& repository, absl::string_view name = kDefaultPoseAnomalyModel,
    absl::string_view version = "");

}  // namespace aislewatch
