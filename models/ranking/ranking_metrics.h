// How well scores rank what should be found above what should not.
//
// Stateless and thread-safe. Fawcett, "An introduction to ROC analysis", Pattern Recognition
// Letters 2006; Davis and Goadrich, "The relationship between precision-recall and ROC curves",
// ICML 2006.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch::ranking {

/// A score, higher being more suspicious, and the truth.
struct ScoredItem {
  float score = 0;
  bool positive = false;
  /// How often it counts, >= 0; a bootstrap draws items several times or not at all.
  double weight = 1;
};

/// What is found and what is raised falsely where everything from a score on is taken.
struct Threshold {
  float score = 0;
  double true_positives = 0;
  double false_positives = 0;
};

/// A ranking's thresholds, one for each distinct score, falling; the last one takes everything.
struct Ranking {
  double positives = 0;
  double negatives = 0;
  std::vector<Threshold> thresholds;
};

/// Items of equal score share one threshold; those of weight 0 are left out. INVALID_ARGUMENT
/// unless both kinds are there and no score is NaN.
absl::StatusOr<Ranking> MakeRanking(std::vector<ScoredItem> items);

struct RankingMetrics {
  /// Area under the ROC curve: the chance that a positive outranks a negative, ties half.
  double auc_roc = 0;
  /// sum (R_n - R_{n-1}) P_n over falling thresholds.
  double average_precision = 0;
  /// Where the false positive rate equals the miss rate, linear between thresholds.
  double eer = 0;
};

RankingMetrics MetricsOf(const Ranking& ranking);

/// MetricsOf(MakeRanking(items)).
absl::StatusOr<RankingMetrics> Rank(std::vector<ScoredItem> items);

/// From where on to take items so that F1, the harmonic mean of precision and recall, is highest: in the
/// middle between the lowest score taken and the next one below, or that score itself where none is below.
double BestF1Threshold(const Ranking& ranking);

/// The same so that as many positives as possible are taken while at least `precision` of what is taken
/// are positives; where no threshold reaches that, the one with the highest precision.
double PreciseThreshold(const Ranking& ranking, double precision);

struct CurvePoint {
  double x = 0;
  double y = 0;
};

/// (false positive rate, true positive rate) from (0, 0) to (1, 1); straight stretches are one
/// line.
std::vector<CurvePoint> RocCurve(const Ranking& ranking);

/// (recall, precision) as steps, recall rising from 0 to 1. The area below is the average
/// precision: between two thresholds the precision is that of the lower one.
std::vector<CurvePoint> PrecisionRecallCurve(const Ranking& ranking);

/// The AUC alone, 0.5 where either kind is absent, since nothing was measured. `positive` has an
/// entry per score; no score is NaN.
double AreaUnderRoc(absl::Span<const float> scores, const std::vector<bool>& positive);

/// The AUC alone, among pairs that share a stratum: sum of the strata's pairs that are ranked right
/// over all such pairs. `strata` has an entry per item. INVALID_ARGUMENT without such a pair.
absl::StatusOr<double> StratifiedAuc(absl::Span<const ScoredItem> items,
                                     absl::Span<const int> strata);

/// Mean and standard deviation (n - 1; 0 for a single value).
struct MeanAndDeviation {
  double mean = 0;
  double deviation = 0;
};
MeanAndDeviation Summarize(absl::Span<const double> values);

}  // namespace aislewatch::ranking
