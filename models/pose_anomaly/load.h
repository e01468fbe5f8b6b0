// Pose anomaly scorers out of a model repository.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/scoring_options.h"

namespace aislewatch {

/// The better one of models/pretrained; docs/models/pose-anomaly.md has the figures.
inline constexpr absl::string_view kDefaultPoseAnomalyModel = "posture";

/// The scorer `name` in `version`, or in its newest version where that is empty. Its architecture
/// is "posture" or "stg_nf". Blocks for the disk; thread-safe. Besides ModelRepository::Find's
/// errors, INVALID_ARGUMENT where the model has another role or architecture, weights that do not
/// fit it, or not the parts that `scoring` asks for.
absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadPoseAnomalyScorer(
    const ModelRepository& repository, absl::string_view name = kDefaultPoseAnomalyModel,
    absl::string_view version = "", const pose_anomaly::ScoringOptions& scoring = {});

}  // namespace aislewatch
