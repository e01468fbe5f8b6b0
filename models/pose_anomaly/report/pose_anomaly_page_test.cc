#include "models/pose_anomaly/report/pose_anomaly_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/pose_anomaly/testing/synthetic_poses.h"
#include "models/report/testing/page_parts.h"

namespace aislewatch::pose_anomaly {
namespace {

using report::CountOf;
using report::SectionOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Scores whoever stands still, from the third pose on.
class StillnessScorer : public PoseAnomalyScorer {
 public:
  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override { return std::make_unique<Track>(); }
  const ModelInfo& info() const override { return info_; }

 private:
  class Track : public PoseAnomalyTrack {
    std::optional<float> Push(const PoseSample& sample) override {
      const float x = At(sample.pose, Joint::kLeftHip).x;
      const float moved = std::abs(x - std::exchange(last_, x));
      if (++poses_ < 3) return std::nullopt;
      return std::max(0.0f, 1 - 300 * moved);
    }
    float last_ = 0;
    int poses_ = 0;
  };
  ModelInfo info_{"still<b>", "1"};
};

TestSet TwoCameras() {
  TestSet set;
  set.clips = {WalkThenConceal(20, 1), WalkThenConceal(20, 2)};
  set.clips[0].clip.name = "01_0001";
  set.clips[1].clip.name = "07_<i>";
  set.without_mask = {"09_\"<u>"};
  return set;
}

std::string PageOf(const TestSet& set) {
  const auto evaluation = EvaluatePoseAnomaly(StillnessScorer(), set);
  EXPECT_TRUE(evaluation.ok()) << evaluation.status();
  return PoseAnomalyPage(*evaluation, set,
                         {"aislewatch & <co>", absl::UnixEpoch(), "0", "{}", "models/x"});
}

TEST(PoseAnomalyPageTest, HasFiguresWithControlsAndSaysHowItWasMade) {
  const std::string page = PageOf(TwoCameras());
  EXPECT_THAT(page, HasSubstr("Pose anomaly: still"));
  const std::string figures = SectionOf(page, "Figures");
  for (const char* part :
       {"95 % interval", "control: track age, within a clip", "control: presence, within a clip"}) {
    EXPECT_THAT(figures, HasSubstr(part)) << part;
  }
  EXPECT_THAT(SectionOf(page, "What was left out"), HasSubstr("clips without labels"));
  EXPECT_THAT(SectionOf(page, "How it was made"), HasSubstr("The model&#39;s manifest"));
}

TEST(PoseAnomalyPageTest, HasTheConfusionMatrixAndSaysHowTheThresholdWasChosen) {
  const std::string matrix = SectionOf(PageOf(TwoCameras()), "Confusion matrix");
  EXPECT_EQ(CountOf(matrix, "class=\"matrix\""), 1);
  EXPECT_EQ(CountOf(matrix, "<span>"), 4);
  EXPECT_THAT(matrix, HasSubstr("F1 is highest on these very frames"));
}

TEST(PoseAnomalyPageTest, HasBothCurvesAndTheHistogram) {
  const std::string curves = SectionOf(PageOf(TwoCameras()), "Curves and scores");
  EXPECT_THAT(curves, HasSubstr("<strong>ROC curve</strong>"));
  EXPECT_THAT(curves, HasSubstr("<strong>Precision and recall</strong>"));
  EXPECT_EQ(CountOf(curves, "class=\"line s0\" d="), 4);  // two lines and their keys
  EXPECT_EQ(CountOf(curves, "class=\"line s1\" d="), 4);  // of the control
  EXPECT_THAT(curves, HasSubstr("<strong>Scores</strong>"));
  EXPECT_GT(CountOf(curves, "class=\"bar positive\""), 0);
  EXPECT_GT(CountOf(curves, "class=\"bar negative\""), 0);
}

TEST(PoseAnomalyPageTest, HasARowForEachCameraAndACardForEachMistake) {
  const std::string page = PageOf(TwoCameras());
  const std::string cameras = SectionOf(page, "Cameras");
  EXPECT_THAT(cameras, HasSubstr("<th scope=\"row\">01</th>"));
  EXPECT_THAT(cameras, HasSubstr("<th scope=\"row\">07</th>"));
  // Each clip's false alarm and each clip's miss, as skeletons.
  const std::string mistakes = SectionOf(page, "Worst mistakes");
  EXPECT_EQ(CountOf(mistakes, "class=\"card\""), 4);
  EXPECT_EQ(CountOf(mistakes, "class=\"pose\""), 4);
}

TEST(PoseAnomalyPageTest, NamesOfClipsAndModelsAreNoMarkup) {
  const std::string page = PageOf(TwoCameras());
  for (const char* markup : {"<b>", "<i>", "<u>", "<co>"}) {
    EXPECT_THAT(page, Not(HasSubstr(markup))) << markup;
  }
  EXPECT_THAT(page, HasSubstr("07_&lt;i&gt;"));
  EXPECT_THAT(page, HasSubstr("09_&quot;&lt;u&gt;"));
}

TEST(PoseAnomalyPageTest, SurvivesPeopleWithoutAScoreAndClipsWithoutPeople) {
  TestSet set = TwoCameras();
  set.clips.push_back({{"03_0001", {}, 0}, {1, 1, 0}});
  std::mt19937 random(3);
  set.clips.push_back(
      {{"03_0002", {FigureTrack(4, FigureAction::kConceal, 2, random)}, 0}, {1, 1}});
  const std::string page = PageOf(set);
  EXPECT_THAT(page, HasSubstr("No score yet."));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">03_0001</th>"));
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
