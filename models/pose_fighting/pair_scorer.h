// The FightingScorer of two people's poses: a logistic regression on kPairFeatures.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/roles/fighting_scorer.h"
#include "models/pose_fighting/logistic.h"

namespace aislewatch {

/// In models/pretrained; docs/models/fighting.md has the figures.
inline constexpr absl::string_view kDefaultFightingModel = "pose-fighting";

/// The scorer `name` in `version`, or in its newest version where that is empty. Blocks for the
/// disk; thread-safe. Besides ModelRepository::Find's errors, INVALID_ARGUMENT where the model has
/// another role or architecture, or weights that do not fit it.
absl::StatusOr<std::unique_ptr<FightingScorer>> LoadFightingScorer(
    const ModelRepository& repository, absl::string_view name = kDefaultFightingModel,
    absl::string_view version = "");

namespace pose_fighting {

inline constexpr absl::string_view kArchitecture = "pose_pairs";

/// A person's evidence is that of their most suspicious encounter, or, where the other is merged
/// with them, of what they do as one of two. `model` has a weight for each of kPairFeatures.
std::unique_ptr<FightingScorer> NewPairScorer(Logistic model, ModelInfo info);

/// Writes `model` as `folder`/weights.safetensors.
absl::Status SaveLogistic(const Logistic& model, const std::string& folder);

}  // namespace pose_fighting
}  // namespace aislewatch
