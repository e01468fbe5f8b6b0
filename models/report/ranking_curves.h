// ROC and precision-recall curves of one or more rankings, side by side.
#pragma once

#include <string>
#include <vector>

#include "models/ranking/ranking_metrics.h"
#include "models/report/line_chart.h"

namespace aislewatch::report {

/// What is ranked: "clips", "frames". The axes are named after it.
struct RankedThings {
  /// "normal frames raised".
  std::string negatives_raised;
  /// "shoplifting frames found"; also what recall is of.
  std::string positives_found;
};

/// Two charts that get a line for each ranking. Not thread-safe; blocks for nothing.
class RankingCurves {
 public:
  explicit RankingCurves(const RankedThings& things);

  /// Adds a line to both, named with its AUC and its average precision. Items that cannot be
  /// ranked, since one kind is missing or a score is NaN, get none.
  void Add(const std::string& name, std::vector<ranking::ScoredItem> items);

  const LineChart& roc() const { return roc_; }
  const LineChart& precision_recall() const { return precision_recall_; }

 private:
  LineChart roc_;
  LineChart precision_recall_;
};

}  // namespace aislewatch::report
