#include "models/object_training/report/object_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/object_training/report/object_mistakes.h"
#include "models/report/testing/page_parts.h"

namespace aislewatch::object_training {
namespace {

using report::CountOf;
using report::SectionOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

DetectedObject Seen(int class_index, float score, float x) {
  return {class_index, score, {x, 0, 0.1f, 0.2f}};
}
LabelledBox Labelled(int class_index, float x, float width = 0.1f) {
  return {class_index, {x, 0, width, 0.2f}, false};
}

// A knife that is found, one that is missed by little, one that nothing lies on; a phone taken for
// a knife, and a knife where nothing is.
ObjectReport FivePictures() {
  ObjectReport report;
  report.name = "set<b>";
  report.model = {"boxes\"<i>", "2"};
  report.dataset.classes = {{"knife<k>", true}, {"phone", false}};
  for (const char* name : {"found", "doubtful", "missed", "<u>phone", "empty"}) {
    report.dataset.pictures.push_back({absl::StrCat("/d/images/", name, ".jpg"), {200, 100}, {}});
  }
  report.judged = {{{Labelled(0, 0)}, {Seen(0, 0.9f, 0)}},
                   {{Labelled(0, 0)}, {Seen(0, 0.3f, 0)}},
                   {{Labelled(0, 0, 0.3f)}, {}},
                   {{Labelled(1, 0)}, {Seen(0, 0.7f, 0), Seen(1, 0.6f, 0)}},
                   {{}, {Seen(0, 0.8f, 0.5f)}}};
  report.evaluation = EvaluateDetections(report.dataset.classes, report.judged, 0.5);
  report.pictures = {"found", "doubtful", "missed", "phone", "empty"};
  return report;
}

std::string PageOf(const ObjectReport& report) {
  return ObjectPage(report, {"aislewatch <x>", absl::UnixEpoch(), "0", "{}", "models/x"});
}

TEST(FindMistakesTest, TakesTheWorstOfEachPictureFirst) {
  const ObjectReport report = FivePictures();
  const ObjectMistakes mistakes = FindMistakes(report.dataset.classes, report.judged, 0.5);
  ASSERT_EQ(mistakes.false_alarms.size(), 2u);
  EXPECT_EQ(mistakes.false_alarms[0].picture, 4u);
  EXPECT_EQ(mistakes.false_alarms[1].picture, 3u);
  ASSERT_EQ(mistakes.misses.size(), 2u);
  EXPECT_EQ(mistakes.misses[0].picture, 2u);
  EXPECT_EQ(mistakes.misses[0].best_score, 0);
  EXPECT_EQ(mistakes.misses[1].picture, 1u);
  EXPECT_FLOAT_EQ(mistakes.misses[1].best_score, 0.3f);
  EXPECT_THAT(PicturesOfMistakes(report.dataset.classes, report.judged, 0.5),
              ElementsAre(1, 2, 3, 4));
}

TEST(FindMistakesTest, OfTwoInOnePictureKeepsTheWorse) {
  const std::vector<JudgedPicture> judged = {
      {{Labelled(0, 0), Labelled(0, 0.5f, 0.3f)}, {Seen(0, 0.6f, 0.2f), Seen(0, 0.9f, 0.35f)}}};
  const ObjectMistakes mistakes = FindMistakes({{"knife", true}}, judged, 0.5);
  ASSERT_EQ(mistakes.false_alarms.size(), 1u);
  EXPECT_FLOAT_EQ(mistakes.false_alarms[0].object.score, 0.9f);
  ASSERT_EQ(mistakes.misses.size(), 1u);
  EXPECT_EQ(mistakes.misses[0].box, 1u);  // the larger one
}

TEST(FindMistakesTest, WithoutWeaponsEveryClassCounts) {
  const std::vector<JudgedPicture> judged = {{{Labelled(0, 0)}, {Seen(1, 0.9f, 0.5f)}}};
  const ObjectMistakes mistakes = FindMistakes({{"cup", false}, {"phone", false}}, judged, 0.5);
  EXPECT_EQ(mistakes.false_alarms.size(), 1u);
  EXPECT_EQ(mistakes.misses.size(), 1u);
}

TEST(ObjectPageTest, HasFiguresOfEachClass) {
  const std::string page = PageOf(FivePictures());
  const std::string figures = SectionOf(page, "Figures");
  // Right, wrong, wrong, right of three: AP (1 + 2/4) / 3.
  EXPECT_THAT(figures, HasSubstr("knife&lt;k&gt; (weapon)</th><td>3</td><td>0.500</td><td>1</td>"
                                 "<td>2</td><td>2</td><td>0.333</td><td>0.333</td>"));
  EXPECT_THAT(figures, HasSubstr("phone</th><td>1</td><td>1.000</td>"));
  EXPECT_THAT(figures, HasSubstr("all weapons</th><td>3</td><td>0.500</td>"));
  EXPECT_THAT(page, HasSubstr("Object detector: boxes"));
  EXPECT_THAT(SectionOf(page, "How it was made"), HasSubstr("The model&#39;s manifest"));
}

TEST(ObjectPageTest, HasTheConfusionOfClassesWithTheBackground) {
  const std::string matrix = SectionOf(PageOf(FivePictures()), "Confusion matrix");
  EXPECT_EQ(CountOf(matrix, "class=\"matrix\""), 1);
  EXPECT_THAT(matrix, HasSubstr("seen as phone"));
  EXPECT_THAT(matrix, HasSubstr("not seen"));
  EXPECT_THAT(matrix, HasSubstr("2<span>67 %</span>"));  // knives not seen
  EXPECT_THAT(matrix, HasSubstr("phone</th><td style=\"--share:0.45\">1<span>100 %"));
  EXPECT_THAT(matrix, HasSubstr("background</th>"));
}

TEST(ObjectPageTest, HasCurvesAndHistograms) {
  const std::string curves = SectionOf(PageOf(FivePictures()), "Curves and scores");
  EXPECT_THAT(curves, HasSubstr("<strong>Precision and recall of boxes</strong>"));
  EXPECT_EQ(CountOf(curves, "knife&lt;k&gt;, AP 0.500"), 2);  // heard and seen
  EXPECT_EQ(CountOf(curves, "phone, AP 1.000"), 2);
  EXPECT_THAT(curves, HasSubstr("<strong>ROC curve</strong>"));
  // Pictures with a knife score 0.9, 0.3, 0, those without 0.7, 0.8.
  EXPECT_EQ(CountOf(curves, "a weapon is in the picture, AUC 0.333"), 2);
  EXPECT_THAT(curves, HasSubstr("<strong>Scores of weapons</strong>"));
  EXPECT_THAT(curves, HasSubstr("<strong>Scores of other things</strong>"));
  EXPECT_EQ(CountOf(curves, "class=\"bar positive\""), 3);
  EXPECT_EQ(CountOf(curves, "class=\"bar negative\""), 2);
  EXPECT_EQ(CountOf(curves, "class=\"threshold\""), 2);
}

TEST(ObjectPageTest, CountsPicturesByWhatIsInThem) {
  const std::string pictures = SectionOf(PageOf(FivePictures()), "Pictures");
  EXPECT_THAT(pictures, HasSubstr("a weapon</th><td>3</td><td>1</td><td>33 %</td>"));
  EXPECT_THAT(pictures, HasSubstr("look-alikes only</th><td>1</td><td>1</td><td>100 %</td>"));
  EXPECT_THAT(pictures, HasSubstr("nothing labelled</th><td>1</td><td>1</td><td>100 %</td>"));
}

TEST(ObjectPageTest, ShowsTheWorstMistakesWithTheirPictures) {
  const std::string mistakes = SectionOf(PageOf(FivePictures()), "Worst mistakes");
  EXPECT_EQ(CountOf(mistakes, "class=\"card\""), 4);
  EXPECT_EQ(CountOf(mistakes, "2 of 2, worst first."), 2);
  EXPECT_THAT(mistakes, HasSubstr("base64,ZW1wdHk="));       // "empty"
  EXPECT_THAT(mistakes, HasSubstr("base64,bWlzc2Vk"));       // "missed"
  EXPECT_THAT(mistakes, Not(HasSubstr("base64,Zm91bmQ=")));  // "found"
  EXPECT_THAT(mistakes, HasSubstr("<h4>empty.jpg</h4><p>A knife&lt;k&gt; is seen at 0.80.</p>"
                                  "<p>Nothing is labelled there.</p>"));
  EXPECT_THAT(mistakes, HasSubstr("What is there is labelled phone."));
  EXPECT_THAT(mistakes, HasSubstr("is missed, 60 × 20 pixels; no detection lies on it."));
  EXPECT_THAT(mistakes, HasSubstr("the surest detection on it has 0.30."));
}

TEST(ObjectPageTest, NamesAreNoMarkup) {
  const std::string page = PageOf(FivePictures());
  for (const char* markup : {"<b>", "<i>", "<k>", "<u>", "<x>"}) {
    EXPECT_THAT(page, Not(HasSubstr(markup))) << markup;
  }
}

TEST(ObjectPageTest, WithoutWeaponsOrMistakesSaysSo) {
  ObjectReport report;
  report.dataset.classes = {{"cup", false}};
  report.dataset.pictures = {{"/d/images/1.jpg", {100, 100}, {}}};
  report.judged = {{{Labelled(0, 0)}, {Seen(0, 0.9f, 0)}}};
  report.evaluation = EvaluateDetections(report.dataset.classes, report.judged, 0.5);
  report.pictures = {""};
  const std::string page = PageOf(report);
  EXPECT_EQ(CountOf(SectionOf(page, "Worst mistakes"), "None."), 2);
  EXPECT_THAT(SectionOf(page, "Pictures"), HasSubstr("No class of this model is a weapon"));
  EXPECT_THAT(SectionOf(page, "Figures"), Not(HasSubstr("all weapons")));
  EXPECT_THAT(SectionOf(page, "Curves and scores"), HasSubstr("<strong>Scores</strong>"));
  EXPECT_THAT(SectionOf(page, "What was left out"), HasSubstr("could be read"));
}

}  // namespace
}  // namespace aislewatch::object_training
