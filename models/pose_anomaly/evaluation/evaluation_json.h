// Evaluation reports as JSON, for `aislewatch models evaluate pose-anomaly --json`.
//
// Stateless and thread-safe.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "models/pose_anomaly/evaluation/evaluate.h"

namespace aislewatch::pose_anomaly {

/// Of one report: `model`, `people_frames` and `all_frames` {auc_roc, average_precision, eer,
/// frames, anomalous}, `age_stratified` {auc_roc}, `within_clip` {auc_roc, clips}, `bootstrap` (95
/// % intervals [low, high] in the same places), `controls` {track_age, presence, constant}, each
/// with auc_roc (on frames with people) and the same figures as the model, the `protocol`, and what
/// was left out. A figure that is not defined is null.
nlohmann::json EvaluationJson(const EvaluationReport& report);

/// Of the reports of seeds `first_seed`, `first_seed` + 1, ..., at least one: the means in the same
/// places, with `deviation` {the same fields}, and each seed's report, with its `seed`, in `seeds`.
/// `bootstrap` is that of the first seed, which its `seed` says: an interval over clips of a mean
/// over seeds would mix two kinds of chance.
nlohmann::json EvaluationJson(const std::vector<EvaluationReport>& reports, uint64_t first_seed);

}  // namespace aislewatch::pose_anomaly
