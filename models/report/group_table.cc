#include "models/report/group_table.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::report {
namespace {

std::string OutOf(int part, int whole) {
  return whole == 0 ? "–" : absl::StrCat(part, " of ", whole);
}

std::vector<Html> GroupRow(const std::string& name, absl::Span<const GroupedItem> items) {
  int positives = 0, found = 0, raised = 0;
  std::vector<ranking::ScoredItem> ranked;
  for (const GroupedItem& item : items) {
    positives += item.positive;
    found += item.positive && item.judged_positive;
    raised += !item.positive && item.judged_positive;
    ranked.push_back({item.score, item.positive});
  }
  const auto all = static_cast<int>(items.size());
  std::optional<double> accuracy;
  if (all > 0) accuracy = static_cast<double>(all - positives - raised + found) / all;
  std::optional<double> auc, average_precision;
  if (const auto metrics = ranking::Rank(std::move(ranked)); metrics.ok()) {
    auc = metrics->auc_roc;
    average_precision = metrics->average_precision;
  }
  return {name,
          absl::StrCat(all),
          absl::StrCat(positives),
          FigureText(accuracy),
          OutOf(found, positives),
          OutOf(raised, all - positives),
          FigureText(auc),
          FigureText(average_precision)};
}

}  // namespace

Table GroupTable(const GroupTableText& text, absl::Span<const GroupedItem> items) {
  std::vector<std::vector<GroupedItem>> by_group(text.groups.size());
  for (const GroupedItem& item : items) by_group[item.group].push_back(item);
  Table table;
  table.caption = text.caption;
  table.columns = {{text.heading}, {text.items}, {text.positives}, {"accuracy"},
                   {"found"},      {"raised"},   {"AUC-ROC"},      {"avg. precision"}};
  for (size_t g = 0; g < by_group.size(); ++g) {
    table.rows.push_back(GroupRow(text.groups[g], by_group[g]));
  }
  return table;
}

std::vector<size_t> BlocksOfNeighbours(const std::vector<std::string>& class_of, size_t blocks) {
  std::map<std::string, size_t> total, seen;
  for (const std::string& name : class_of) ++total[name];
  std::vector<size_t> block;
  for (const std::string& name : class_of) block.push_back(seen[name]++ * blocks / total[name]);
  return block;
}

}  // namespace aislewatch::report
