// Figures by group: by camera, by fold, by block of neighbouring clips. Where they differ much, the
// figure of all says little about the next camera. Stateless and thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "models/report/page.h"

namespace aislewatch::report {

struct GroupedItem {
  /// Index into GroupTableText::groups.
  size_t group = 0;
  float score = 0;
  bool positive = false;
  bool judged_positive = false;
};

struct GroupTableText {
  std::string caption;
  /// Of the first column: "block".
  std::string heading;
  std::vector<std::string> groups;
  /// "clips", and those of them that should be found: "fights".
  std::string items;
  std::string positives;
};

/// A row for each group: how many items, positives, accuracy, how many positives are found and how
/// many others raised, AUC-ROC and average precision, a dash where only one kind is there.
Table GroupTable(const GroupTableText& text, absl::Span<const GroupedItem> items);

/// Group of each item when the items of each class, in their order, are cut into `blocks` runs of
/// neighbours, as equal as can be. `class_of` has an entry per item.
std::vector<size_t> BlocksOfNeighbours(const std::vector<std::string>& class_of, size_t blocks);

}  // namespace aislewatch::report
