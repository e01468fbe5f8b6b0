#include "models/ranking/ranking_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "common/base/status.h"

namespace aislewatch::ranking {
namespace {

/// Adds `point` to a line; what only repeats the last step's direction makes that step longer.
void Extend(std::vector<CurvePoint>& line, CurvePoint point) {
  if (line.size() >= 2) {
    const CurvePoint& before = line[line.size() - 2];
    CurvePoint& last = line.back();
    const double cross =
        (last.x - before.x) * (point.y - before.y) - (last.y - before.y) * (point.x - before.x);
    const double along =
        (last.x - before.x) * (point.x - last.x) + (last.y - before.y) * (point.y - last.y);
    if (std::abs(cross) < 1e-12 && along >= 0) {
      last = point;
      return;
    }
  }
  line.push_back(point);
}

}  // namespace

absl::StatusOr<Ranking> MakeRanking(std::vector<ScoredItem> items) {
  Ranking ranking;
  for (const ScoredItem& item : items) {
    (item.positive ? ranking.positives : ranking.negatives) += item.weight;
    if (std::isnan(item.score)) return absl::InvalidArgumentError("a score is not a number");
  }
  if (ranking.positives == 0 || ranking.negatives == 0) {
    return absl::InvalidArgumentError(
        "ranking needs examples of what should be found as well as of what should not, but only "
        "one kind is there");
  }
  std::sort(items.begin(), items.end(),
            [](const ScoredItem& a, const ScoredItem& b) { return a.score > b.score; });
  Threshold now;
  for (size_t i = 0; i < items.size();) {
    const double before = now.true_positives + now.false_positives;
    now.score = items[i].score;
    for (; i < items.size() && items[i].score == now.score; ++i) {
      (items[i].positive ? now.true_positives : now.false_positives) += items[i].weight;
    }
    if (now.true_positives + now.false_positives > before) ranking.thresholds.push_back(now);
  }
  return ranking;
}

RankingMetrics MetricsOf(const Ranking& ranking) {
  RankingMetrics metrics;
  double tp_before = 0, fpr_before = 0, tpr_before = 0;
  bool crossed = false;
  for (const Threshold& t : ranking.thresholds) {
    const double fpr = t.false_positives / ranking.negatives;
    const double tpr = t.true_positives / ranking.positives;
    metrics.auc_roc += (fpr - fpr_before) * (tpr + tpr_before) / 2;
    metrics.average_precision += (t.true_positives - tp_before) / ranking.positives *
                                 t.true_positives / (t.true_positives + t.false_positives);
    // fpr - miss rate rises from -1 to 1; the EER lies where it passes 0.
    const double before = fpr_before + tpr_before - 1, now = fpr + tpr - 1;
    if (!crossed && now >= 0) {
      crossed = true;
      metrics.eer = fpr_before + (fpr - fpr_before) * (-before / (now - before));
    }
    tp_before = t.true_positives;
    fpr_before = fpr;
    tpr_before = tpr;
  }
  return metrics;
}

absl::StatusOr<RankingMetrics> Rank(std::vector<ScoredItem> items) {
  AW_ASSIGN_OR_RETURN(const Ranking ranking, MakeRanking(std::move(items)));
  return MetricsOf(ranking);
}

namespace {

// In the middle between the lowest score that threshold `index` takes and the next one below.
double Below(const Ranking& ranking, size_t index) {
  const double score = ranking.thresholds[index].score;
  if (index + 1 == ranking.thresholds.size()) return score;
  return (score + ranking.thresholds[index + 1].score) / 2;
}

}  // namespace

double BestF1Threshold(const Ranking& ranking) {
  size_t best = 0;
  double best_f1 = -1;
  for (size_t i = 0; i < ranking.thresholds.size(); ++i) {
    const Threshold& t = ranking.thresholds[i];
    const double f1 =
        2 * t.true_positives / (t.true_positives + t.false_positives + ranking.positives);
    if (f1 <= best_f1) continue;
    best_f1 = f1;
    best = i;
  }
  return Below(ranking, best);
}

double PreciseThreshold(const Ranking& ranking, double precision) {
  size_t best = 0;
  double best_precision = -1;
  for (size_t i = 0; i < ranking.thresholds.size(); ++i) {
    const Threshold& t = ranking.thresholds[i];
    const double reached = t.true_positives / (t.true_positives + t.false_positives);
    // What reaches the aim is as good as any other that does, and the lower one takes more.
    const double counts = std::min(reached, precision);
    if (counts < best_precision) continue;
    best_precision = counts;
    best = i;
  }
  return Below(ranking, best);
}

std::vector<CurvePoint> RocCurve(const Ranking& ranking) {
  std::vector<CurvePoint> line = {{0, 0}};
  for (const Threshold& t : ranking.thresholds) {
    Extend(line, {t.false_positives / ranking.negatives, t.true_positives / ranking.positives});
  }
  return line;
}

std::vector<CurvePoint> PrecisionRecallCurve(const Ranking& ranking) {
  std::vector<CurvePoint> line;
  double recall_before = 0;
  for (const Threshold& t : ranking.thresholds) {
    const double precision = t.true_positives / (t.true_positives + t.false_positives);
    const double recall = t.true_positives / ranking.positives;
    // Negatives alone lower the precision of what is found next and find nothing themselves.
    if (recall == recall_before) continue;
    Extend(line, {recall_before, precision});
    Extend(line, {recall, precision});
    recall_before = recall;
  }
  return line;
}

double AreaUnderRoc(absl::Span<const float> scores, const std::vector<bool>& positive) {
  std::vector<ScoredItem> items;
  for (size_t i = 0; i < scores.size(); ++i) items.push_back({scores[i], positive[i]});
  const absl::StatusOr<RankingMetrics> metrics = Rank(std::move(items));
  return metrics.ok() ? metrics->auc_roc : 0.5;
}

absl::StatusOr<double> StratifiedAuc(absl::Span<const ScoredItem> items,
                                     absl::Span<const int> strata) {
  if (items.size() != strata.size()) {
    return absl::InvalidArgumentError("every item needs a stratum");
  }
  std::map<int, std::vector<ScoredItem>> by_stratum;
  for (size_t i = 0; i < items.size(); ++i) by_stratum[strata[i]].push_back(items[i]);
  double right = 0, pairs = 0;
  for (auto& [stratum, members] : by_stratum) {
    const absl::StatusOr<Ranking> ranking = MakeRanking(std::move(members));
    if (!ranking.ok()) continue;  // one kind only: no pair
    const double own = ranking->positives * ranking->negatives;
    right += MetricsOf(*ranking).auc_roc * own;
    pairs += own;
  }
  if (pairs == 0) {
    return absl::InvalidArgumentError("no stratum has examples of both kinds");
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

}  // namespace aislewatch::ranking
