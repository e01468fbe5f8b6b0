// STG-NF behind the pose anomaly scorer's interface.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/scoring_options.h"
#include "models/pose_anomaly/statistics/empirical_distribution.h"
#include "models/pose_anomaly/stg_nf/stg_nf.h"

namespace aislewatch::pose_anomaly {

/// A track's score is the negative log-likelihood of its last window, as a rank among normal
/// windows; nothing until the track is a window long. `flow` must be in evaluation mode and is
/// shared by all tracks. A Push blocks for one pass of the flow. INVALID_ARGUMENT where `scoring`
/// asks for a part: there are none.
absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> NewStgNfScorer(
    StgNf flow, EmpiricalDistribution calibration, ModelInfo info,
    const ScoringOptions& scoring = {});

}  // namespace aislewatch::pose_anomaly
