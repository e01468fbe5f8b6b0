// How scores of two kinds are spread: bars up for what should be found, bars down for the rest; or
// of one kind, upwards.
//
// Direction tells the kinds apart, so that colours need not. Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "models/ranking/ranking_metrics.h"
#include "models/report/html.h"

namespace aislewatch::report {

/// Counts in equal bins over low..high; a bin holds its lower edge, the last one also `high`.
struct HistogramCounts {
  double low = 0;
  double high = 1;
  std::vector<int> positives;
  std::vector<int> negatives;
  /// Scores below low, above high, or NaN: in no bin.
  int outside = 0;
};

/// `bins` >= 1, low < high.
HistogramCounts CountInBins(absl::Span<const ranking::ScoredItem> items, int bins, double low = 0,
                            double high = 1);

struct HistogramChart {
  std::string title;
  /// "shoplifting", "normal".
  std::string positive_name;
  /// Empty: there are positives alone.
  std::string negative_name;
  /// What is counted: "frames".
  std::string unit;
  HistogramCounts counts;
  /// Drawn as a line where it lies inside: from which score on something is raised.
  double threshold = -1;
};

/// Each kind's bars are fractions of its own number, so that a rare kind can be seen. With a table
/// of the numbers below, folded.
Html Draw(const HistogramChart& chart);

}  // namespace aislewatch::report
