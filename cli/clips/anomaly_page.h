// A pose anomaly scorer on recorded clips as a page to read: `aislewatch models evaluate
// pose-anomaly-clips --report`.
//
// Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "cli/clips/anomaly_evaluation.h"
#include "common/roles/model_info.h"
#include "models/report/page.h"

namespace aislewatch {

struct AnomalyClipsReport {
  /// What the data set is called.
  std::string dataset;
  ModelInfo model;
  std::vector<ScoredClip> clips;
  /// Nothing: footage of which nothing says what it shows.
  std::optional<LabelledEvaluation> evaluation;
  /// JPEG of the peak of each of ClipsToPicture; empty for all others.
  std::vector<std::string> pictures;
};

/// Indices of the clips of which the page shows the peak: the worst mistakes, or, without classes,
/// the highest peaks. All have a peak.
std::vector<size_t> ClipsToPicture(const std::vector<ScoredClip>& clips,
                                   const std::optional<LabelledEvaluation>& evaluation);

std::string AnomalyClipsPage(const AnomalyClipsReport& report,
                             const report::Provenance& provenance);

}  // namespace aislewatch
