#include "models/pose_anomaly/posture/posture_model.h"

#include <gtest/gtest.h>

#include <random>

#include "models/pose_anomaly/posture/fit_posture.h"
#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

PostureFitOptions SmallFit() {
  PostureFitOptions options;
  options.components = 6;
  options.mixture.components = 2;
  options.mixture.starts = 1;
  return options;
}

class PostureScorerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto fitted = FitPosture(WalkingClips(8, 60), SmallFit());
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    scorer_ = NewPostureScorer(std::move(fitted->model), std::move(fitted->calibration),
                               {"posture", "1"});
  }
  static void TearDownTestSuite() { scorer_.reset(); }

  // The scores of a figure's frames.
  static std::vector<std::optional<float>> ScoresOf(FigureAction action, int frames) {
    std::mt19937 random(99);
    const auto track = scorer_->NewTrack();
    std::vector<std::optional<float>> scores;
    for (const ClipPose& pose : FigureTrack(1, action, frames, random).poses) {
      scores.push_back(track->Push(ToSample(pose)));
    }
    return scores;
  }

  static std::unique_ptr<PoseAnomalyScorer> scorer_;
};

std::unique_ptr<PoseAnomalyScorer> PostureScorerTest::scorer_;

TEST_F(PostureScorerTest, ScoresFromTheFifthPoseOn) {
  const auto scores = ScoresOf(FigureAction::kWalk, 8);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(scores[i].has_value(), i >= 4) << i;
}

TEST_F(PostureScorerTest, RanksConcealingAboveWalking) {
  const auto walking = ScoresOf(FigureAction::kWalk, 60);
  const auto concealing = ScoresOf(FigureAction::kConceal, 60);
  EXPECT_GT(*concealing.back(), 0.95f);
  double mean = 0;
  for (size_t i = 4; i < walking.size(); ++i) mean += *walking[i] / 56;
  EXPECT_GT(mean, 0.1);
  EXPECT_LT(mean, 0.9);
}

TEST_F(PostureScorerTest, StaysWithinZeroAndOneOnNonsense) {
  const auto track = scorer_->NewTrack();
  std::mt19937 random(5);
  std::uniform_real_distribution<float> anywhere(-100, 100);
  for (int f = 0; f < 50; ++f) {
    ClipPose pose{f, {}};
    for (Keypoint& k : pose.pose) k = {anywhere(random), anywhere(random), 0};
    const auto score = track->Push(ToSample(pose));
    if (f < 4) continue;
    ASSERT_TRUE(score.has_value());
    EXPECT_GE(*score, 0);
    EXPECT_LE(*score, 1);
  }
}

TEST_F(PostureScorerTest, StartsAnewAfterALongGap) {
  std::mt19937 random(2);
  const auto track = scorer_->NewTrack();
  for (int f = 0; f < 10; ++f) {
    track->Push(ToSample({f, FigurePose(FigureAction::kWalk, f, random)}));
  }
  const int short_gap = 10 + 20, long_gap = short_gap + 31;
  EXPECT_TRUE(track->Push(ToSample({short_gap, FigurePose(FigureAction::kWalk, 0, random)})));
  EXPECT_FALSE(track->Push(ToSample({long_gap, FigurePose(FigureAction::kWalk, 0, random)})));
}

TEST_F(PostureScorerTest, IgnoresAPoseThatIsNotLater) {
  std::mt19937 random(2);
  const auto track = scorer_->NewTrack();
  const PoseSample sample = ToSample({0, FigurePose(FigureAction::kWalk, 0, random)});
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(track->Push(sample));
}

TEST_F(PostureScorerTest, GivesTheModelsNameAndVersion) {
  EXPECT_EQ(scorer_->info().name, "posture");
  EXPECT_EQ(scorer_->info().version, "1");
}

TEST(FitPostureTest, IsTheSameForTheSameSeed) {
  const std::vector<PoseClip> clips = WalkingClips(4, 40);
  const auto a = FitPosture(clips, SmallFit());
  const auto b = FitPosture(clips, SmallFit());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->calibration.quantiles(), b->calibration.quantiles());
  EXPECT_EQ(a->model.density.mixture.means, b->model.density.mixture.means);
}

TEST(FitPostureTest, ReportsRisingProgress) {
  double last = 0;
  const auto fitted =
      FitPosture(WalkingClips(4, 40), SmallFit(), [&](double fraction, absl::string_view) {
        EXPECT_GE(fraction, last);
        last = fraction;
      });
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(last, 1);
}

TEST(FitPostureTest, RejectsTooLittleData) {
  EXPECT_FALSE(FitPosture({}, SmallFit()).ok());
  EXPECT_FALSE(FitPosture(WalkingClips(1, 40), SmallFit()).ok());
  EXPECT_FALSE(FitPosture(WalkingClips(4, 3), SmallFit()).ok());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
