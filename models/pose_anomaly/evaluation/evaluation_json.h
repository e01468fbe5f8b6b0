// Evaluation reports as JSON, for `aislewatch models evaluate pose-anomaly --json`.
//
// Stateless and thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "models/pose_anomaly/evaluation/evaluate.h"

namespace aislewatch::pose_anomaly {

/// Of one report: `model`, `people_frames` and `all_frames` {auc_roc, average_precision, eer,
/// frames, anomalous}, `age_stratified`, `within_clip`, `bootstrap` (95 % intervals [low, high] in
/// the same places, null where there is none), `controls` {track_age, presence}, and what was left
/// out.
nlohmann::json EvaluationJson(const EvaluationReport& report);

/// Of the reports of several seeds, at least one: the means in the same places, with
/// `deviation` {the same fields}, and each seed's report in `seeds`.
nlohmann::json EvaluationJson(const std::vector<EvaluationReport>& reports);

}  // namespace aislewatch::pose_anomaly
