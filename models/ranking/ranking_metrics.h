// How well scores rank anomalous frames above normal ones.
//
// Stateless and thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch::pose_anomaly {

/// A score, higher being more anomalous, and the truth.
struct ScoredFrame {
  float score = 0;
  bool anomalous = false;
};

/// Anomalous frames are the positive class.
struct RankingMetrics {
  /// Area under the ROC curve: the chance that an anomalous frame outranks a normal one.
  double auc_roc = 0;
  /// sum (R_n - R_{n-1}) P_n over falling thresholds.
  double average_precision = 0;
  /// Where the false positive rate equals the miss rate, linear between thresholds.
  double eer = 0;
};

/// Frames of equal score are one threshold. INVALID_ARGUMENT unless both classes are there and no
/// score is NaN.
absl::StatusOr<RankingMetrics> Rank(std::vector<ScoredFrame> frames);

/// The AUC alone, among pairs that share a stratum: sum of the strata's pairs that are ranked right
/// over all such pairs. `strata` has an entry per frame. INVALID_ARGUMENT without such a pair.
absl::StatusOr<double> StratifiedAuc(absl::Span<const ScoredFrame> frames,
                                     absl::Span<const int> strata);

/// Mean and standard deviation (n - 1; 0 for a single value).
struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;
};
MeanAndDeviation Summarize(absl::Span<const double> values);

}  // namespace aislewatch::pose_anomaly
