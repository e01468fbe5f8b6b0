#include "models/pose_fighting/report/fighting_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/report/testing/page_parts.h"

namespace aislewatch::pose_fighting {
namespace {

using report::CountOf;
using report::SectionOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

PosedClip Clip(const std::string& path, bool fight, bool paired) {
  PosedClip clip;
  clip.path = path;
  clip.fight = fight;
  if (paired) clip.pairs.push_back({At(1), {}});
  return clip;
}

// Two folds; poses raise one normal clip falsely and miss two fights, one of which shows nobody.
FightingReport TwoFolds() {
  FightingReport report;
  report.dataset = "set<b>";
  report.clips = {
      Clip("/c/fight/found.mp4", true, true),   Clip("/c/normal/right.mp4", false, false),
      Clip("/c/fight/missed.mp4", true, false), Clip("/c/normal/<u>alarm.mp4", false, true),
      Clip("/c/fight/nobody.mp4", true, false), Clip("/c/normal/calm.mp4", false, false)};
  report.result.clips = 6;
  report.result.fights = 3;
  report.result.folds = 2;
  report.result.seen = 4;
  report.result.paired = 2;
  report.result.fold = {0, 0, 0, 1, 1, 1};
  JudgedWay poses;
  poses.name = "poses";
  poses.accuracy = {0.5, 0.125};
  poses.scores = {{0.9f, At(1)}, {0.1f, At(1)}, {0.3f, At(1.5)}, {0.8f, At(0.7)}, {}, {}};
  JudgedWay control = poses;
  control.name = "control: people";
  for (ClipScore& score : control.scores) score = 0.25f;
  report.result.ways = {poses, control};
  report.pictures = {"found", "", "missed", "alarm", "", ""};
  return report;
}

std::string PageOf(const FightingReport& report) {
  return FightingPage(report, {"aislewatch <x>", absl::UnixEpoch(), "0", "{}", "models/x"});
}

TEST(FightingPageTest, SummarisesEveryWayAndSaysThatFoldsAreFittedAnew) {
  const std::string page = PageOf(TwoFolds());
  const std::string figures = SectionOf(page, "Figures");
  EXPECT_THAT(figures, HasSubstr("<th scope=\"row\">poses</th><td>0.500 ± 0.125</td>"));
  EXPECT_THAT(figures, HasSubstr("control: people"));
  EXPECT_THAT(figures, HasSubstr("among the 4 clips with somebody"));
  EXPECT_THAT(page, HasSubstr("fitted anew"));
  EXPECT_THAT(SectionOf(page, "How it was made"), HasSubstr("The model&#39;s manifest"));
}

TEST(FightingPageTest, HasTheConfusionMatrixOverAllFolds) {
  const std::string matrix = SectionOf(PageOf(TwoFolds()), "Confusion matrix");
  EXPECT_EQ(CountOf(matrix, "class=\"matrix\""), 1);  // not of the control
  EXPECT_THAT(matrix, HasSubstr("normal</th><td style=\"--share:0.30\">2<span>67 %</span></td>"));
  EXPECT_THAT(matrix, HasSubstr("fight</th><td style=\"--share:0.30\">2<span>67 %</span></td>"));
  EXPECT_EQ(CountOf(matrix, "1<span>33 %</span>"), 2);
}

TEST(FightingPageTest, HasBothCurvesAndTheHistogram) {
  const std::string curves = SectionOf(PageOf(TwoFolds()), "Curves and scores");
  EXPECT_THAT(curves, HasSubstr("<strong>ROC curve</strong>"));
  EXPECT_THAT(curves, HasSubstr("<strong>Precision and recall</strong>"));
  EXPECT_EQ(CountOf(curves, "poses, AUC 0.611"), 2);  // heard and seen
  EXPECT_EQ(CountOf(curves, "control: people, AUC 0.500"), 2);
  EXPECT_THAT(curves, HasSubstr("<strong>Scores by poses</strong>"));
  EXPECT_EQ(CountOf(curves, "class=\"bar positive\""), 3);
  EXPECT_EQ(CountOf(curves, "class=\"bar negative\""), 3);
  EXPECT_EQ(CountOf(curves, "class=\"threshold\""), 1);
}

TEST(FightingPageTest, HasARowForEachFold) {
  const std::string folds = SectionOf(PageOf(TwoFolds()), "Folds");
  EXPECT_THAT(folds, HasSubstr("<th scope=\"row\">1</th><td>3</td><td>2</td><td>0.667</td>"
                               "<td>1 of 2</td><td>0 of 1</td><td>1.000</td>"));
  EXPECT_THAT(folds, HasSubstr("<th scope=\"row\">2</th><td>3</td><td>1</td><td>0.333</td>"
                               "<td>0 of 1</td><td>1 of 2</td>"));
}

TEST(FightingPageTest, ShowsTheWorstMistakesWithTheirFrames) {
  const FightingReport report = TwoFolds();
  EXPECT_THAT(PicturedClips(report.clips, report.result), ElementsAre(3, 2));
  const std::string mistakes = SectionOf(PageOf(report), "Worst mistakes");
  EXPECT_EQ(CountOf(mistakes, "class=\"card\""), 2);
  EXPECT_THAT(mistakes, HasSubstr("base64,YWxhcm0="));       // "alarm"
  EXPECT_THAT(mistakes, HasSubstr("base64,bWlzc2Vk"));       // "missed"
  EXPECT_THAT(mistakes, Not(HasSubstr("base64,Zm91bmQ=")));  // "found"
  EXPECT_THAT(mistakes, HasSubstr("Probability of a fight 0.80, labelled normal."));
  EXPECT_THAT(mistakes, HasSubstr("0.7 s; fold 2, a pair within reach."));
  EXPECT_THAT(mistakes, HasSubstr("1.5 s; fold 1, no pair within reach."));
  EXPECT_THAT(mistakes, HasSubstr("Not shown are 1 fights"));
  EXPECT_THAT(mistakes, HasSubstr("fight/nobody.mp4"));
}

TEST(FightingPageTest, OfManyWaysDrawsTheFirstTwoTheBestOtherAndTheBestControls) {
  FightingReport report = TwoFolds();
  const auto add = [&](const std::string& name, double auc) {
    report.result.ways.push_back(report.result.ways[0]);
    report.result.ways.back().name = name;
    report.result.ways.back().auc_roc.mean = auc;
  };
  report.result.ways.resize(1);
  add("pairs", 0.5);
  add("movement: worse", 0.6);
  add("movement: better", 0.7);
  for (int i = 1; i <= 5; ++i) add(absl::StrCat("control: ", i), 0.5 + 0.01 * i);
  const std::string page = PageOf(report);
  EXPECT_THAT(SectionOf(page, "Figures"), HasSubstr("movement: worse"));
  EXPECT_EQ(CountOf(SectionOf(page, "Confusion matrix"), "class=\"matrix\""), 3);
  const std::string curves = SectionOf(page, "Curves and scores");
  for (const char* drawn :
       {"Scores by pairs", "Scores by movement: better", "control: 5, AUC", "control: 3, AUC"}) {
    EXPECT_THAT(curves, HasSubstr(drawn)) << drawn;
  }
  EXPECT_THAT(curves, Not(HasSubstr("movement: worse")));
  EXPECT_THAT(curves, Not(HasSubstr("control: 2, AUC")));
}

TEST(FightingPageTest, NamesOfFilesAreNoMarkup) {
  const std::string page = PageOf(TwoFolds());
  for (const char* markup : {"<b>", "<u>", "<x>"}) EXPECT_THAT(page, Not(HasSubstr(markup)));
  EXPECT_THAT(SectionOf(page, "Clips"), HasSubstr("normal/&lt;u&gt;alarm.mp4"));
}

TEST(FightingPageTest, ShowsTheWorstOfManyMistakesFirstAndNoMoreThanItSays) {
  FightingReport report = TwoFolds();
  for (int i = 0; i < 20; ++i) {
    report.clips.push_back(Clip("/c/normal/n.mp4", false, true));
    report.result.fold.push_back(1);
    for (JudgedWay& way : report.result.ways) {
      way.scores.push_back({0.81f + 0.005f * static_cast<float>(i), At(1)});
    }
    report.pictures.emplace_back();
  }
  const std::vector<size_t> pictured = PicturedClips(report.clips, report.result);
  ASSERT_EQ(pictured.size(), 13u);
  EXPECT_EQ(pictured[0], 25u);
  EXPECT_EQ(pictured[12], 2u);
  const std::string mistakes = SectionOf(PageOf(report), "Worst mistakes");
  EXPECT_EQ(CountOf(mistakes, "class=\"card\""), 13);
  EXPECT_THAT(mistakes, HasSubstr("12 of 21, worst first."));
}

}  // namespace
}  // namespace aislewatch::pose_fighting
