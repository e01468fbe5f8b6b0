#include "models/report/line_chart.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch::report {
namespace {

/// The plot's place in the picture, in units of the SVG.
struct PlotArea {
  double left, top, width, height;

  double X(double part) const { return left + width * std::clamp(part, 0.0, 1.0); }
  double Y(double part) const { return top + height * (1 - std::clamp(part, 0.0, 1.0)); }
};

std::string Number(double value) {
  std::string text = absl::StrFormat("%.1f", value);
  if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0) text.resize(text.size() - 2);
  return text;
}

std::string PathOf(const PlotArea& area, const LineChart& chart, const Series& series) {
  std::string path;
  std::string last;
  for (const ranking::CurvePoint& point : series.points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    std::string at = absl::StrCat(Number(area.X(point.x / chart.x_high)), ",",
                                  Number(area.Y(point.y / chart.y_high)));
    if (at == last) continue;
    absl::StrAppend(&path, path.empty() ? "M" : " ", at);
    last = std::move(at);
  }
  return path;
}

Html Label(double x, double y, absl::string_view anchor, const std::string& text,
           const std::string& transform = "") {
  Attributes attributes = {
      {"x", Number(x)}, {"y", Number(y)}, {"text-anchor", std::string(anchor)}};
  if (!transform.empty()) attributes.emplace_back("transform", transform);
  return Element("text", attributes, {text});
}

Html Rule(double x1, double y1, double x2, double y2, const std::string& css_class) {
  return Element("line", {{"x1", Number(x1)},
                          {"y1", Number(y1)},
                          {"x2", Number(x2)},
                          {"y2", Number(y2)},
                          {"class", css_class}});
}

Html Axes(const PlotArea& area, const LineChart& chart) {
  Html axes;
  constexpr int kSteps = 4;
  for (int i = 0; i <= kSteps; ++i) {
    const double part = static_cast<double>(i) / kSteps;
    axes += Rule(area.X(part), area.Y(0), area.X(part), area.Y(1), "grid");
    axes += Rule(area.X(0), area.Y(part), area.X(1), area.Y(part), "grid");
    axes +=
        Label(area.X(part), area.Y(0) + 18, "middle", absl::StrFormat("%.4g", part * chart.x_high));
    axes +=
        Label(area.left - 8, area.Y(part) + 4, "end", absl::StrFormat("%.4g", part * chart.y_high));
  }
  axes += Label(area.X(0.5), area.Y(0) + 38, "middle", chart.x_label);
  const double middle = area.Y(0.5);
  axes += Label(14, middle, "middle", chart.y_label,
                absl::StrCat("rotate(-90 14 ", Number(middle), ")"));
  return axes;
}

Html Lines(const PlotArea& area, const LineChart& chart) {
  Html lines;
  for (const auto& [from, to] : chart.bands) {
    const double left = area.X(from / chart.x_high);
    lines += Element("rect", {{"class", "band"},
                              {"x", Number(left)},
                              {"y", Number(area.top)},
                              {"width", Number(std::max(1.0, area.X(to / chart.x_high) - left))},
                              {"height", Number(area.height)}});
  }
  if (chart.diagonal) lines += Rule(area.X(0), area.Y(0), area.X(1), area.Y(1), "chance");
  for (size_t i = 0; i < chart.series.size(); ++i) {
    lines += Element("path", {{"class", absl::StrCat("line s", i)},
                              {"d", PathOf(area, chart, chart.series[i])}});
  }
  return lines;
}

Html Drawing(const LineChart& chart, int width, int height, const std::string& css_class,
             std::initializer_list<Html> content) {
  return Element("svg",
                 {{"viewBox", absl::StrCat("0 0 ", width, " ", height)},
                  {"class", css_class},
                  {"role", "img"},
                  {"aria-label", absl::StrCat(chart.title, ". ", chart.description)}},
                 content);
}

}  // namespace

Html Draw(const LineChart& chart) {
  constexpr int kWidth = 400, kHeight = 320;
  constexpr PlotArea kArea = {56, 12, 330, 256};
  Html legend;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    legend += Element(
        "span", {{"class", "key"}},
        {Element("svg", {{"viewBox", "0 0 28 8"}, {"aria-hidden", "true"}},
                 {Element("path", {{"class", absl::StrCat("line s", i)}, {"d", "M1,4 27,4"}})}),
         chart.series[i].name});
  }
  return Element("figure", {Drawing(chart, kWidth, kHeight, "chart",
                                    {Axes(kArea, chart), Lines(kArea, chart)}),
                            Element("figcaption", {Element("strong", {chart.title}), legend})});
}

Html DrawStrip(const LineChart& chart) {
  constexpr int kWidth = 300, kHeight = 40;
  constexpr PlotArea kArea = {1, 2, 298, 36};
  return Drawing(chart, kWidth, kHeight, "strip", {Lines(kArea, chart)});
}

}  // namespace aislewatch::report
