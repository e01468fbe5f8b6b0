#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/report/histogram.h"
#include "models/report/line_chart.h"
#include "models/report/pose_drawing.h"
#include "models/report/ranking_curves.h"

namespace aislewatch::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(CountInBinsTest, ABinHoldsItsLowerEdgeAndTheLastOneTheEnd) {
  const auto counts = CountInBins(
      {{0, true}, {0.24f, true}, {0.25f, true}, {0.5f, false}, {0.999f, false}, {1, true}}, 4);
  EXPECT_THAT(counts.positives, ElementsAre(2, 1, 0, 1));
  EXPECT_THAT(counts.negatives, ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(counts.outside, 0);
}

TEST(CountInBinsTest, CountsWhatHasNoBin) {
  const auto counts =
      CountInBins({{kNan, true}, {-1e9f, false}, {1.01f, true}, {-2, false}}, 2, -2, 1);
  EXPECT_EQ(counts.outside, 3);
  EXPECT_THAT(counts.negatives, ElementsAre(1, 0));
}

TEST(HistogramTest, EachKindIsAFractionOfItsOwn) {
  // One of one and fifty of a hundred: 100 % and 50 %, so bars of 120 and 60 units.
  std::vector<ranking::ScoredItem> items = {{0.9f, true}};
  for (int i = 0; i < 100; ++i) items.push_back({i < 50 ? 0.1f : 0.6f, false});
  const std::string html =
      Draw(HistogramChart{"t", "shoplifting", "normal", "frames", CountInBins(items, 2)}).markup();
  EXPECT_THAT(html, HasSubstr("class=\"bar positive\" x=\"222.0\" y=\"26.0\" width=\"163.0\" "
                              "height=\"120.0\""));
  EXPECT_THAT(html, HasSubstr("class=\"bar negative\" x=\"57.0\" y=\"146.0\" width=\"163.0\" "
                              "height=\"60.0\""));
}

TEST(HistogramTest, OfOneKindHasNothingBelow) {
  const std::vector<ranking::ScoredItem> items = {{0.1f, true}, {0.2f, true}, {0.9f, true}};
  const std::string html =
      Draw(HistogramChart{"t", "frames", "", "frames", CountInBins(items, 2), 0.83}).markup();
  EXPECT_THAT(html, Not(HasSubstr("bar negative")));
  EXPECT_THAT(html, Not(HasSubstr("downwards")));
  EXPECT_THAT(html, HasSubstr("class=\"threshold\""));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">0 to 0.5</th>\n<td>2</td>\n</tr>"));
}

TEST(HistogramTest, IsDrawnWithoutItems) {
  const std::string html =
      Draw(HistogramChart{"t", "a", "b", "frames", CountInBins({}, 3)}).markup();
  EXPECT_THAT(html, Not(HasSubstr("class=\"bar")));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(RankingCurvesTest, HasALineInBothChartsForWhatCanBeRanked) {
  RankingCurves curves({"normal clips raised", "fights found"});
  curves.Add("sure", {{0.9f, true}, {0.8f, true}, {0.1f, false}});
  curves.Add("one kind only", {{0.9f, true}});
  curves.Add("no number", {{kNan, true}, {0.1f, false}});
  ASSERT_EQ(curves.roc().series.size(), 1u);
  EXPECT_EQ(curves.roc().series[0].name, "sure, AUC 1.000");
  ASSERT_EQ(curves.precision_recall().series.size(), 1u);
  EXPECT_EQ(curves.precision_recall().description, "sure, AP 1.000. ");
  EXPECT_EQ(curves.precision_recall().x_label, "recall: fights found");
}

LineChart Unit(std::vector<ranking::CurvePoint> points) {
  LineChart chart;
  chart.title = "ROC <1>";
  chart.series = {{"a & b", std::move(points)}};
  return chart;
}

TEST(LineChartTest, PutsPointsWhereTheyBelong) {
  // The plot is 330 by 256 units, its lower left corner at (56, 268).
  EXPECT_THAT(Draw(Unit({{0, 0}, {0.5, 0.25}, {1, 1}})).markup(),
              HasSubstr("d=\"M56,268 221,204 386,12\""));
}

TEST(LineChartTest, KeepsToThePlotAndToNumbers) {
  EXPECT_THAT(Draw(Unit({{0, 0}, {kNan, 1}, {-3, 0.5}, {0.5, 1e30}})).markup(),
              HasSubstr("d=\"M56,268 56,140 221,12\""));
}

TEST(LineChartTest, EscapesTitlesAndNames) {
  const std::string html = Draw(Unit({{0, 0}, {1, 1}})).markup();
  EXPECT_THAT(html, HasSubstr("aria-label=\"ROC &lt;1&gt;"));
  EXPECT_THAT(html, HasSubstr("a &amp; b"));
  EXPECT_THAT(html, Not(HasSubstr("<1>")));
}

TEST(LineChartTest, ABandOfOnePointCanBeSeen) {
  LineChart chart = Unit({{0, 0}, {100, 1}});
  chart.x_high = 100;
  chart.bands = {{50, 50}};
  EXPECT_THAT(DrawStrip(chart).markup(), HasSubstr("class=\"band\" x=\"150\" y=\"2\" width=\"1\""));
}

TEST(PoseDrawingTest, DrawsLimbsAndBothWrists) {
  Pose pose;
  for (int j = 0; j < kJointCount; ++j) pose[j] = {0.1f * (j % 3), 0.05f * j, 1};
  const std::string html = PoseDrawing({pose}, {100, 100}, "somebody").markup();
  size_t lines = 0;
  for (size_t at = html.find("<line"); at != std::string::npos; at = html.find("<line", at + 1))
    ++lines;
  EXPECT_EQ(lines, kSkeleton.size());
  EXPECT_THAT(html, HasSubstr("<circle"));
  EXPECT_THAT(html, HasSubstr("aria-label=\"somebody\""));
}

TEST(PoseDrawingTest, LeavesOutJointsThatAreNowhere) {
  Pose pose;
  pose.fill({kNan, std::numeric_limits<float>::infinity(), 1});
  const std::string none = PoseDrawing({pose}, {100, 100}, "nobody").markup();
  EXPECT_THAT(none, Not(HasSubstr("<line")));
  EXPECT_THAT(none, Not(HasSubstr("nan")));
  // One joint alone is a point, not a division by its size of 0.
  pose[static_cast<size_t>(Joint::kLeftWrist)] = {0.5f, 0.5f, 1};
  EXPECT_THAT(PoseDrawing({pose}, {100, 100}, "").markup(), HasSubstr("cx=\"100.0\" cy=\"100.0\""));
}

}  // namespace
}  // namespace aislewatch::report
