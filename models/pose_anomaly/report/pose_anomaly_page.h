// An evaluation as a page to read: `aislewatch models evaluate pose-anomaly --report`.
//
// Stateless and thread-safe.
#pragma once

#include <string>

#include "models/pose_anomaly/dataset/poselift.h"
#include "models/pose_anomaly/evaluation/evaluate.h"
#include "models/report/page.h"

namespace aislewatch::pose_anomaly {

/// `evaluation` is EvaluatePoseAnomaly's of `set`. PoseLift has no pictures, so mistakes are shown
/// as the skeleton that scored highest. A camera is what a clip's name has before the underscore.
std::string PoseAnomalyPage(const EvaluationReport& evaluation, const TestSet& set,
                            const report::Provenance& provenance);

}  // namespace aislewatch::pose_anomaly
