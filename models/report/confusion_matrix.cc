#include "models/report/confusion_matrix.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch::report {
namespace {

Html CountCell(int count, int of_row) {
  if (count < 0) return Element("td", {{"style", "--share:0"}}, {"–"});
  const double share = of_row == 0 ? 0 : static_cast<double>(count) / of_row;
  return Element("td", {{"style", absl::StrFormat("--share:%.2f", 0.45 * share)}},
                 {absl::StrCat(count), Element("span", {absl::StrFormat("%.0f %%", 100 * share)})});
}

}  // namespace

Html Draw(const ConfusionMatrix& matrix) {
  Html head = Element("td", Attributes{});
  for (const std::string& judgement : matrix.judgements) {
    head += Element("th", {{"scope", "col"}}, {judgement});
  }
  Html rows;
  for (size_t truth = 0; truth < matrix.truths.size(); ++truth) {
    int of_row = 0;
    for (const int count : matrix.counts[truth]) of_row += std::max(0, count);
    Html cells = Element("th", {{"scope", "row"}}, {matrix.truths[truth]});
    for (const int count : matrix.counts[truth]) cells += CountCell(count, of_row);
    rows += Element("tr", {cells});
  }
  return Element(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", matrix.caption}},
      {Element("table", {{"class", "matrix"}},
               {Element("caption", {matrix.caption}), Element("thead", {Element("tr", {head})}),
                Element("tbody", {rows})})});
}

}  // namespace aislewatch::report
