#include "models/report/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/report/page.h"

namespace aislewatch::report {
namespace {

constexpr double kLeft = 56, kPlotWidth = 330, kMiddle = 146, kMostHeight = 120;

double Share(const std::vector<int>& counts, size_t bin) {
  const int all = std::accumulate(counts.begin(), counts.end(), 0);
  return all == 0 ? 0 : static_cast<double>(counts[bin]) / all;
}

double HighestShare(const HistogramCounts& counts) {
  double highest = 0;
  for (size_t i = 0; i < counts.positives.size(); ++i) {
    highest = std::max({highest, Share(counts.positives, i), Share(counts.negatives, i)});
  }
  return highest;
}

std::string Rounded(double value) { return absl::StrFormat("%.1f", value); }

Html Text(double x, double y, const std::string& anchor, const std::string& text) {
  return Element("text", {{"x", Rounded(x)}, {"y", Rounded(y)}, {"text-anchor", anchor}}, {text});
}

/// Beside the bars, so that none can hide it.
Html Sideways(double y, const std::string& text) {
  return Element("text",
                 {{"x", "14"},
                  {"y", Rounded(y)},
                  {"text-anchor", "middle"},
                  {"transform", absl::StrCat("rotate(-90 14 ", Rounded(y), ")")}},
                 {text});
}

Html Bars(const HistogramCounts& counts, double highest) {
  Html bars;
  const auto bins = static_cast<double>(counts.positives.size());
  for (size_t i = 0; i < counts.positives.size(); ++i) {
    const double x = kLeft + kPlotWidth * static_cast<double>(i) / bins;
    for (const bool positive : {true, false}) {
      const double share = Share(positive ? counts.positives : counts.negatives, i);
      const double height = highest > 0 ? kMostHeight * share / highest : 0;
      if (height == 0) continue;
      bars += Element("rect", {{"class", positive ? "bar positive" : "bar negative"},
                               {"x", Rounded(x + 1)},
                               {"y", Rounded(positive ? kMiddle - height : kMiddle)},
                               {"width", Rounded(kPlotWidth / bins - 2)},
                               {"height", Rounded(height)}});
    }
  }
  return bars;
}

bool IsOneKind(const HistogramChart& chart) { return chart.negative_name.empty(); }

/// The lower edge of the plot.
double BottomOf(const HistogramChart& chart) {
  return kMiddle + (IsOneKind(chart) ? 0 : kMostHeight);
}

Html Axis(const HistogramChart& chart, double highest) {
  Html axis;
  const double bottom = BottomOf(chart);
  for (int i = 0; i <= 4; ++i) {
    const double part = i / 4.0;
    axis += Text(
        kLeft + kPlotWidth * part, bottom + 20, "middle",
        absl::StrFormat("%.4g", chart.counts.low + part * (chart.counts.high - chart.counts.low)));
  }
  axis += Text(kLeft + kPlotWidth / 2, bottom + 40, "middle", "score");
  for (const double side : {-1.0, 1.0}) {
    const double y = kMiddle + side * kMostHeight;
    if (y > bottom) continue;
    axis += Element("line", {{"class", "grid"},
                             {"x1", Rounded(kLeft)},
                             {"x2", Rounded(kLeft + kPlotWidth)},
                             {"y1", Rounded(y)},
                             {"y2", Rounded(y)}});
    axis += Text(kLeft - 8, y + 4, "end", absl::StrFormat("%.0f %%", 100 * highest));
  }
  axis += Element("line", {{"class", "axis"},
                           {"x1", Rounded(kLeft)},
                           {"x2", Rounded(kLeft + kPlotWidth)},
                           {"y1", Rounded(kMiddle)},
                           {"y2", Rounded(kMiddle)}});
  const double at = (chart.threshold - chart.counts.low) / (chart.counts.high - chart.counts.low);
  if (at >= 0 && at <= 1) {
    axis += Element("line", {{"class", "threshold"},
                             {"x1", Rounded(kLeft + kPlotWidth * at)},
                             {"x2", Rounded(kLeft + kPlotWidth * at)},
                             {"y1", Rounded(kMiddle - kMostHeight)},
                             {"y2", Rounded(bottom)}});
  }
  axis += Sideways(kMiddle - kMostHeight / 2, chart.positive_name);
  if (!IsOneKind(chart)) axis += Sideways(kMiddle + kMostHeight / 2, chart.negative_name);
  return axis;
}

Html Numbers(const HistogramChart& chart) {
  const HistogramCounts& counts = chart.counts;
  const double width = (counts.high - counts.low) / static_cast<double>(counts.positives.size());
  Table table;
  table.caption = absl::StrCat(chart.title, ", in ", chart.unit);
  table.columns = {{"score"}, {chart.positive_name}};
  if (!IsOneKind(chart)) table.columns.push_back({chart.negative_name});
  for (size_t i = 0; i < counts.positives.size(); ++i) {
    const double from = counts.low + width * static_cast<double>(i);
    std::vector<Html> row = {absl::StrFormat("%.3g to %.3g", from, from + width),
                             absl::StrCat(counts.positives[i])};
    if (!IsOneKind(chart)) row.push_back(absl::StrCat(counts.negatives[i]));
    table.rows.push_back(std::move(row));
  }
  return Folded("The numbers", ToHtml(table));
}

}  // namespace

HistogramCounts CountInBins(absl::Span<const ranking::ScoredItem> items, int bins, double low,
                            double high) {
  HistogramCounts counts;
  counts.low = low;
  counts.high = high;
  counts.positives.assign(static_cast<size_t>(bins), 0);
  counts.negatives.assign(static_cast<size_t>(bins), 0);
  for (const ranking::ScoredItem& item : items) {
    if (!(item.score >= low && item.score <= high)) {  // NaN, too
      ++counts.outside;
      continue;
    }
    const int bin = std::min(bins - 1, static_cast<int>(bins * (item.score - low) / (high - low)));
    ++(item.positive ? counts.positives : counts.negatives)[static_cast<size_t>(bin)];
  }
  return counts;
}

Html Draw(const HistogramChart& chart) {
  const double highest = HighestShare(chart.counts);
  std::string note =
      IsOneKind(chart)
          ? absl::StrCat("Per cent of the ", chart.unit, ".")
          : absl::StrCat("Upwards: ", chart.positive_name, ", downwards: ", chart.negative_name,
                         "; per cent of the ", chart.unit, " of each kind.");
  if (chart.counts.outside > 0) {
    absl::StrAppend(&note, " Without a score: ", chart.counts.outside, ".");
  }
  return Element(
      "figure",
      {Element("svg",
               {{"viewBox", absl::StrFormat("0 0 400 %.0f", BottomOf(chart) + 54)},
                {"class", "chart"},
                {"role", "img"},
                {"aria-label", absl::StrCat(chart.title, ". ", note, " The numbers follow.")}},
               {Bars(chart.counts, highest), Axis(chart, highest)}),
       Element("figcaption", {Element("strong", {chart.title}), note}), Numbers(chart)});
}

}  // namespace aislewatch::report
