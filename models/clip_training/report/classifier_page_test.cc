#include "models/clip_training/report/classifier_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/report/testing/page_parts.h"

namespace aislewatch::clip_training {
namespace {

using report::CountOf;
using report::SectionOf;
using ::testing::HasSubstr;
using ::testing::Not;

JudgedClip Clip(const std::string& path, const std::string& folder, Action shown, size_t frame) {
  JudgedClip judged{{path, "set", folder, *ActionsOfFolder(folder)}, {}};
  ActionScores scores;
  scores.probability[static_cast<size_t>(shown)] = 1;
  for (size_t i = 0; i < 5; ++i) judged.verdict.Push(3, scores, frame - 4 + i);
  return judged;
}

ClassifierReport TwoMistakes() {
  ClassifierReport report;
  report.dataset = "set<b>";
  report.model = {"joints\"<i>", "2"};
  report.clips = {Clip("/c/right.mp4", "normal", Action::kTaking, 9),
                  Clip("/c/<u>alarm.mp4", "normal", Action::kConcealingInBag, 37),
                  Clip("/c/found.mp4", "shoplifting", Action::kConcealingInBag, 9),
                  Clip("/c/missed.mp4", "shoplifting", Action::kTaking, 12)};
  report.pictures = {"right", "alarm", "found", ""};
  report.skipped = {{"/c/bro<ken>.mp4", "no <video>"}};
  report.evaluation = Evaluate(report.clips);
  return report;
}

std::string PageOf(const ClassifierReport& report) {
  return ClassifierPage(report, {"aislewatch <x>", absl::UnixEpoch(), "0", "{}", "models/x"});
}

TEST(ClassifierPageTest, HasFiguresAndSaysHowItWasMade) {
  const std::string page = PageOf(TwoMistakes());
  EXPECT_THAT(page, HasSubstr("Clip classifier: joints"));
  EXPECT_THAT(page, HasSubstr("Judged 4 clips"));
  EXPECT_THAT(SectionOf(page, "Figures"), HasSubstr("which class</th><td>4</td><td>0.500</td>"));
  EXPECT_THAT(SectionOf(page, "Figures"), HasSubstr("shoplifting or not"));
  EXPECT_THAT(SectionOf(page, "Classes"), HasSubstr("shoplifting</th><td>2</td><td>0.500</td>"));
  EXPECT_THAT(SectionOf(page, "Clips"), HasSubstr("Every clip"));
  EXPECT_THAT(SectionOf(page, "How it was made"), HasSubstr("The model&#39;s manifest"));
}

TEST(ClassifierPageTest, HasTheConfusionMatrix) {
  const std::string matrix = SectionOf(PageOf(TwoMistakes()), "Confusion matrix");
  EXPECT_EQ(CountOf(matrix, "class=\"matrix\""), 1);
  EXPECT_THAT(matrix, HasSubstr("judged shoplifting"));
  EXPECT_EQ(CountOf(matrix, "1<span>50 %</span>"), 4);
}

TEST(ClassifierPageTest, HasBothCurvesAndTheHistogram) {
  const std::string curves = SectionOf(PageOf(TwoMistakes()), "Curves and scores");
  EXPECT_THAT(curves, HasSubstr("<strong>ROC curve</strong>"));
  EXPECT_THAT(curves, HasSubstr("<strong>Precision and recall</strong>"));
  EXPECT_EQ(CountOf(curves, "shoplifting, AUC 0.500"), 2);  // heard and seen
  EXPECT_EQ(CountOf(curves, "class=\"line s0\" d="), 4);    // two lines and their keys
  EXPECT_THAT(curves, HasSubstr("<strong>Scores of shoplifting</strong>"));
  EXPECT_EQ(CountOf(curves, "class=\"bar positive\""), 2);
  EXPECT_EQ(CountOf(curves, "class=\"bar negative\""), 2);
}

TEST(ClassifierPageTest, HasARowForEachBlockOfNeighbours) {
  const std::string blocks = SectionOf(PageOf(TwoMistakes()), "Blocks");
  // Two clips of each class: the first of both in the first block, the second in the third.
  EXPECT_THAT(blocks, HasSubstr("<th scope=\"row\">1</th><td>2</td><td>1</td><td>1.000</td>"
                                "<td>1 of 1</td><td>0 of 1</td>"));
  EXPECT_THAT(blocks, HasSubstr("normal right.mp4, shoplifting found.mp4"));
  EXPECT_THAT(blocks, HasSubstr("<th scope=\"row\">3</th><td>2</td><td>1</td><td>0.000</td>"
                                "<td>0 of 1</td><td>1 of 1</td>"));
}

TEST(ClassifierPageTest, ShowsMistakesAloneAndWhereTheyAre) {
  const std::string page = SectionOf(PageOf(TwoMistakes()), "Worst mistakes");
  EXPECT_EQ(CountOf(page, "class=\"card\""), 2);
  EXPECT_THAT(page, HasSubstr("base64,YWxhcm0="));       // "alarm"
  EXPECT_THAT(page, Not(HasSubstr("base64,cmlnaHQ=")));  // "right"
  EXPECT_THAT(page, Not(HasSubstr("base64,Zm91bmQ=")));  // "found"
  EXPECT_THAT(page, HasSubstr("Person 3, 3.7 s"));
  EXPECT_THAT(page, HasSubstr("Judged shoplifting at 1.00."));
  EXPECT_THAT(page, HasSubstr("Judged normal; shoplifting reaches 0.00."));
  EXPECT_THAT(page, HasSubstr("<h4>shoplifting/missed.mp4</h4>"));
}

TEST(ClassifierPageTest, NamesOfFilesAndModelsAreNoMarkup) {
  const std::string page = PageOf(TwoMistakes());
  for (const char* markup : {"<b>", "<i>", "<u>", "<x>", "<ken>", "<video>"}) {
    EXPECT_THAT(page, Not(HasSubstr(markup))) << markup;
  }
  EXPECT_THAT(page, HasSubstr("bro&lt;ken&gt;.mp4"));
}

TEST(ClassifierPageTest, SaysSoWhereThereIsNoMistake) {
  ClassifierReport report;
  report.clips = {Clip("/c/1.mp4", "normal", Action::kTaking, 9),
                  Clip("/c/2.mp4", "fight", Action::kFighting, 9)};
  report.pictures = {"", ""};
  report.evaluation = Evaluate(report.clips);
  const std::string page = PageOf(report);
  EXPECT_THAT(page, HasSubstr("None."));
  EXPECT_THAT(page, HasSubstr("Every clip could be read."));
  EXPECT_THAT(page, Not(HasSubstr("shoplifting or not")));
}

TEST(ShownMomentTest, OfANormalClipIsWhereItLooksLeastHarmless) {
  JudgedClip judged = Clip("1", "normal", Action::kTaking, 9);
  EXPECT_EQ(ShownMoment(judged)->frame, 9u);
  ActionScores fight;
  fight.probability[static_cast<size_t>(Action::kFighting)] = 0.4f;
  for (size_t i = 20; i < 25; ++i) judged.verdict.Push(8, fight, i);
  EXPECT_EQ(ShownMoment(judged)->frame, 24u);
  EXPECT_EQ(ShownMoment(judged)->track_id, 8u);
  EXPECT_FALSE(ShownMoment({{"2", "set", "fight", Only(Action::kFighting)}, {}}).has_value());
}

}  // namespace
}  // namespace aislewatch::clip_training
