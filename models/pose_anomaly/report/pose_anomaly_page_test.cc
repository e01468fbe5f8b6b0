#include "models/pose_anomaly/report/pose_anomaly_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

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

TEST(PoseAnomalyPageTest, HasEveryPart) {
  const std::string page = PageOf(TwoCameras());
  for (const char* part :
       {"Pose anomaly: still", "ROC curve", "Precision and recall", "By camera", "95 % interval",
        "control: track age, within a clip", "control: presence, within a clip", "Worst mistakes",
        "What was left out", "The model&#39;s manifest"}) {
    EXPECT_THAT(page, HasSubstr(part)) << part;
  }
  // One row for each camera; one card for each clip's false alarm and each clip's miss.
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">01</th>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">07</th>"));
  size_t skeletons = 0;
  for (size_t at = page.find("class=\"pose\""); at != std::string::npos;
       at = page.find("class=\"pose\"", at + 1)) {
    ++skeletons;
  }
  EXPECT_EQ(skeletons, 4u);
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
