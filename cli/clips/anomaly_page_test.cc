#include "cli/clips/anomaly_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/report/testing/page_parts.h"

namespace aislewatch {
namespace {

using report::CountOf;
using report::SectionOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ScoredClip ClipOf(const std::string& folder, const std::string& file, std::vector<float> scores) {
  ScoredClip clip;
  clip.clip = {absl::StrCat("/d/", folder, "/", file), "set", folder, {}};
  if (const auto actions = clip_training::ActionsOfFolder(folder); actions.ok()) {
    clip.clip.actions = *actions;
  }
  clip.anomaly.frames = 40;
  clip.anomaly.frames_with_people = 30;
  clip.anomaly.scores = scores;
  if (!scores.empty()) {
    clip.anomaly.peak = {scores.back(), 12, 7};
    clip.anomaly.mean = scores.front();
  }
  return clip;
}

AnomalyClipsReport ReportOf(std::vector<ScoredClip> clips) {
  AnomalyClipsReport report;
  report.dataset = "set<b>";
  report.model = {"posture<i>", "1"};
  report.evaluation = EvaluateLabelled(clips);
  report.clips = std::move(clips);
  report.pictures.assign(report.clips.size(), "");
  for (const size_t i : ClipsToPicture(report.clips, report.evaluation)) {
    report.pictures[i] = absl::StrCat("clip", i);
  }
  return report;
}

// From a mean of 0.4 on one false alarm and one miss; nobody has a score in another miss.
AnomalyClipsReport Labelled() {
  return ReportOf(
      {ClipOf("normal", "calm.mp4", {0.1f, 0.2f}), ClipOf("normal", "<u>alarm.mp4", {0.6f, 0.95f}),
       ClipOf("shoplifting", "found1.mp4", {0.9f, 0.9f}),
       ClipOf("shoplifting", "found2.mp4", {0.8f, 0.85f}),
       ClipOf("shoplifting", "found3.mp4", {0.5f, 0.85f}),
       ClipOf("normal", "calm2.mp4", {0.2f, 0.2f}), ClipOf("normal", "calm3.mp4", {0.25f, 0.2f}),
       ClipOf("normal", "calm4.mp4", {0.3f, 0.2f}),
       ClipOf("shoplifting", "missed.mp4", {0.15f, 0.4f}), ClipOf("shoplifting", "nobody.mp4", {}),
       ClipOf("normal", "calm5.mp4", {0.22f, 0.3f})});
}

std::string PageOf(const AnomalyClipsReport& report) {
  return AnomalyClipsPage(report, {"aislewatch <x>", absl::UnixEpoch(), "0", "{}", "models/x"});
}

TEST(AnomalyClipsPageTest, HasFiguresOfEveryWayAndTheControl) {
  const std::string page = PageOf(Labelled());
  const std::string figures = SectionOf(page, "Figures");
  EXPECT_THAT(figures, HasSubstr("5 clips that show something rank above 6 that do not"));
  EXPECT_THAT(figures, HasSubstr("mean of its frames</th><td>0.600</td>"));
  EXPECT_THAT(figures, HasSubstr("control: frames with people</th><td>0.500</td>"));
  EXPECT_THAT(SectionOf(page, "How it was made"), HasSubstr("The model&#39;s manifest"));
}

TEST(AnomalyClipsPageTest, HasTheConfusionMatrixAndSaysHowTheThresholdWasChosen) {
  const std::string matrix = SectionOf(PageOf(Labelled()), "Confusion matrix");
  EXPECT_THAT(matrix, HasSubstr("From a mean of 0.400 on"));
  EXPECT_THAT(matrix, HasSubstr("5<span>83 %</span>"));
  EXPECT_THAT(matrix, HasSubstr("2<span>40 %</span></td><td style=\"--share:0.27\">3<span>60 %"));
  EXPECT_THAT(matrix, HasSubstr("best F1 on these very clips"));
}

TEST(AnomalyClipsPageTest, HasCurvesAndHistograms) {
  const std::string curves = SectionOf(PageOf(Labelled()), "Curves and scores");
  EXPECT_THAT(curves, HasSubstr("<strong>ROC curve</strong>"));
  EXPECT_THAT(curves, HasSubstr("<strong>Precision and recall</strong>"));
  EXPECT_EQ(CountOf(curves, "mean, AUC 0.600"), 2);  // heard and seen
  EXPECT_THAT(curves, HasSubstr("<strong>Means of clips</strong>"));
  EXPECT_THAT(curves, HasSubstr("<strong>Peaks of clips</strong>"));
  EXPECT_GE(CountOf(curves, "class=\"bar positive\""), 2);
  EXPECT_GE(CountOf(curves, "class=\"bar negative\""), 2);
}

TEST(AnomalyClipsPageTest, HasARowForEachBlock) {
  const std::string blocks = SectionOf(PageOf(Labelled()), "Blocks");
  EXPECT_THAT(blocks, HasSubstr("<th scope=\"row\">1</th><td>3</td><td>1</td><td>0.667</td>"));
  EXPECT_THAT(blocks, HasSubstr("<th scope=\"row\">5</th><td>2</td><td>1</td><td>0.500</td>"));
}

TEST(AnomalyClipsPageTest, ShowsTheWorstMistakesWithTheirFrames) {
  const AnomalyClipsReport report = Labelled();
  EXPECT_THAT(ClipsToPicture(report.clips, report.evaluation), ElementsAre(1, 8));
  const std::string mistakes = SectionOf(PageOf(report), "Worst mistakes");
  EXPECT_EQ(CountOf(mistakes, "class=\"card\""), 2);
  EXPECT_THAT(mistakes, HasSubstr("base64,Y2xpcDE="));  // "clip1"
  EXPECT_THAT(mistakes, HasSubstr("base64,Y2xpcDg="));  // "clip8"
  EXPECT_THAT(mistakes, HasSubstr("<h4>normal/&lt;u&gt;alarm.mp4</h4><p>Mean 0.600, peak 0.950.</p>"
                                  "<p>Person 7, 1.2 s</p>"));
  EXPECT_THAT(mistakes, HasSubstr("nobody has a score, and which are not shown: 1."));
}

TEST(AnomalyClipsPageTest, OfFootageSaysThatNothingIsKnownAndShowsTheSpread) {
  const AnomalyClipsReport report =
      ReportOf({ClipOf("shop", "a.mp4", {0.2f, 0.9f}), ClipOf("shop", "b<.mp4", {0.4f, 0.96f}),
                ClipOf("shop", "empty.mp4", {})});
  EXPECT_THAT(ClipsToPicture(report.clips, report.evaluation), ElementsAre(1, 0));
  const std::string page = PageOf(report);
  const std::string figures = SectionOf(page, "Figures");
  EXPECT_THAT(figures, HasSubstr("Nothing says what these clips show."));
  EXPECT_THAT(figures, HasSubstr("all</th><td>120</td><td>75.0 %</td><td>3.3 %</td>"
                                 "<td>50.0 %</td><td>25.0 %</td>"));
  EXPECT_THAT(figures, HasSubstr("shop/empty.mp4</th><td>40</td><td>75.0 %</td><td>0.0 %</td>"
                                 "<td>–</td>"));
  EXPECT_EQ(CountOf(SectionOf(page, "Scores"), "class=\"bar positive\""), 4);
  const std::string moments = SectionOf(page, "Highest moments");
  EXPECT_EQ(CountOf(moments, "class=\"card\""), 2);
  EXPECT_THAT(moments, HasSubstr("2 of 2, highest first."));
  EXPECT_LT(moments.find("b&lt;.mp4"), moments.find("a.mp4"));
  for (const char* absent : {"Confusion matrix", "Curves and scores", "Worst mistakes"}) {
    EXPECT_THAT(SectionOf(page, absent), IsEmpty()) << absent;
  }
}

TEST(AnomalyClipsPageTest, NamesAreNoMarkup) {
  const std::string page = PageOf(Labelled());
  for (const char* markup : {"<b>", "<i>", "<u>", "<x>"}) EXPECT_THAT(page, Not(HasSubstr(markup)));
}

}  // namespace
}  // namespace aislewatch
