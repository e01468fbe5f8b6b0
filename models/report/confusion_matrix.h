// What things are and what they were judged to be, as a table whose cells are as dark as they are
// full. Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "models/report/html.h"

namespace aislewatch::report {

struct ConfusionMatrix {
  std::string caption;
  /// Of the rows: what is true.
  std::vector<std::string> truths;
  /// Of the columns: "judged normal".
  std::vector<std::string> judgements;
  /// [truth][judgement]; a cell below 0 cannot be, and is drawn as a dash.
  std::vector<std::vector<int>> counts;
};

/// With the per cent of the row below each count.
Html Draw(const ConfusionMatrix& matrix);

}  // namespace aislewatch::report
