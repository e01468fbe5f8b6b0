#include "models/report/ranking_curves.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "models/report/page.h"

namespace aislewatch::report {
namespace {

void AddSeries(LineChart& chart, Series series) {
  // Who does not see the chart hears what its lines are.
  absl::StrAppend(&chart.description, series.name, ". ");
  chart.series.push_back(std::move(series));
}

}  // namespace

RankingCurves::RankingCurves(const RankedThings& things) {
  roc_.title = "ROC curve";
  roc_.x_label = things.negatives_raised;
  roc_.y_label = things.positives_found;
  roc_.diagonal = true;
  precision_recall_.title = "Precision and recall";
  precision_recall_.x_label = absl::StrCat("recall: ", things.positives_found);
  precision_recall_.y_label = "precision";
}

void RankingCurves::Add(const std::string& name, std::vector<ranking::ScoredItem> items) {
  const auto ranked = ranking::MakeRanking(std::move(items));
  if (!ranked.ok()) return;
  const ranking::RankingMetrics metrics = ranking::MetricsOf(*ranked);
  AddSeries(roc_, {absl::StrCat(name, ", AUC ", FigureText(metrics.auc_roc)),
                   ranking::RocCurve(*ranked)});
  AddSeries(precision_recall_, {absl::StrCat(name, ", AP ", FigureText(metrics.average_precision)),
                                ranking::PrecisionRecallCurve(*ranked)});
}

}  // namespace aislewatch::report
