#include "models/pose_anomaly/statistics/ranking_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "common/base/status.h"

namespace aislewatch::pose_anomaly {
namespace {

struct Counts {
  double positives = 0;
  double negatives = 0;
};

Counts CountClasses(absl::Span<const ScoredFrame> frames) {
  Counts counts;
  for (const ScoredFrame& f : frames) (f.anomalous ? counts.positives : counts.negatives) += 1;
  return counts;
}

}  // namespace

absl::StatusOr<RankingMetrics> Rank(std::vector<ScoredFrame> frames) {
  const Counts total = CountClasses(frames);
  if (total.positives == 0 || total.negatives == 0) {
    return absl::InvalidArgumentError(
        "ranking needs normal frames as well as anomalous ones, but only one kind is there");
  }
  for (const ScoredFrame& f : frames) {
    if (std::isnan(f.score)) return absl::InvalidArgumentError("a score is not a number");
  }
  std::sort(frames.begin(), frames.end(),
            [](const ScoredFrame& a, const ScoredFrame& b) { return a.score > b.score; });
  RankingMetrics metrics;
  double true_positives = 0, false_positives = 0, fpr = 0, tpr = 0;
  bool crossed = false;
  for (size_t i = 0; i < frames.size();) {
    const double tp_before = true_positives, fpr_before = fpr, tpr_before = tpr;
    const float score = frames[i].score;
    for (; i < frames.size() && frames[i].score == score; ++i) {
      (frames[i].anomalous ? true_positives : false_positives) += 1;
    }
    fpr = false_positives / total.negatives;
    tpr = true_positives / total.positives;
    metrics.auc_roc += (fpr - fpr_before) * (tpr + tpr_before) / 2;
    metrics.average_precision += (true_positives - tp_before) / total.positives * true_positives /
                                 (true_positives + false_positives);
    // fpr - miss rate rises from -1 to 1; the EER lies where it passes 0.
    const double before = fpr_before + tpr_before - 1, now = fpr + tpr - 1;
    if (!crossed && now >= 0) {
      crossed = true;
      metrics.eer = fpr_before + (fpr - fpr_before) * (-before / (now - before));
    }
  }
  return metrics;
}

absl::StatusOr<double> StratifiedAuc(absl::Span<const ScoredFrame> frames,
                                     absl::Span<const int> strata) {
  if (frames.size() != strata.size()) {
    return absl::InvalidArgumentError("every frame needs a stratum");
  }
  std::map<int, std::vector<ScoredFrame>> by_stratum;
  for (size_t i = 0; i < frames.size(); ++i) by_stratum[strata[i]].push_back(frames[i]);
  double right = 0, pairs = 0;
  for (const auto& [stratum, members] : by_stratum) {
    const Counts counts = CountClasses(members);
    if (counts.positives == 0 || counts.negatives == 0) continue;
    AW_ASSIGN_OR_RETURN(const RankingMetrics metrics, Rank(members));
    right += metrics.auc_roc * counts.positives * counts.negatives;
    pairs += counts.positives * counts.negatives;
  }
  if (pairs == 0) {
    return absl::InvalidArgumentError("no stratum has normal and anomalous frames");
  }
  return right / pairs;
}

MeanAndDeviation Summarize(absl::Span<const double> values) {
  MeanAndDeviation result;
  if (values.empty()) return result;
  for (double v : values) result.mean += v / static_cast<double>(values.size());
  if (values.size() < 2) return result;
  double squares = 0;
  for (double v : values) squares += (v - result.mean) * (v - result.mean);
  result.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
  return result;
}

}  // namespace aislewatch::pose_anomaly
