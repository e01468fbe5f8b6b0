#include "models/pose_anomaly/posture/posture_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
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
  options.densities = 2;
  return options;
}

class PostureScorerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto fitted = FitPosture(WalkingClips(8, 60), SmallFit());
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    fitted_ = std::make_unique<FittedPosture>(*fitted);
    scorer_ = NewPostureScorer(std::move(fitted->model), std::move(fitted->calibration),
                               {"posture", "1"});
  }
  static void TearDownTestSuite() {
    scorer_.reset();
    fitted_.reset();
  }

  // The scores of a figure's frames.
  static std::vector<std::optional<float>> ScoresOf(FigureAction action, int frames) {
    return ScoresOf(*scorer_, action, frames);
  }
  static std::vector<std::optional<float>> ScoresOf(const PoseAnomalyScorer& scorer,
                                                    FigureAction action, int frames) {
    std::mt19937 random(99);
    const auto track = scorer.NewTrack();
    std::vector<std::optional<float>> scores;
    for (const ClipPose& pose : FigureTrack(1, action, frames, random).poses) {
      scores.push_back(track->Push(ToSample(pose)));
    }
    return scores;
  }

  // Of one fit, other options.
  static std::unique_ptr<PoseAnomalyScorer> Scorer(const ScoringOptions& scoring) {
    return NewPostureScorer(fitted_->model, fitted_->calibration, {"posture", "1"}, scoring);
  }

  static std::unique_ptr<FittedPosture> fitted_;
  static std::unique_ptr<PoseAnomalyScorer> scorer_;
};

std::unique_ptr<FittedPosture> PostureScorerTest::fitted_;
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

TEST_F(PostureScorerTest, RarityIsTheMeanOfTheRanksUnderEachDensity) {
  std::mt19937 random(4);
  for (int f = 0; f < 20; ++f) {
    const PoseSample sample = ToSample({f, FigurePose(FigureAction::kWalk, f, random)});
    const Body body = MeasureBody(sample);
    PostureModel first = fitted_->model, second = fitted_->model;
    first.densities.pop_back();
    second.densities.erase(second.densities.begin());
    EXPECT_FLOAT_EQ(fitted_->model.RarityRank(body),
                    (first.RarityRank(body) + second.RarityRank(body)) / 2);
  }
}

TEST_F(PostureScorerTest, AScoreIsTheMeanOfItsTwoParts) {
  const auto both =
      ScoresOf(*Scorer({PostureParts::kBoth, /*calibrated=*/false}), FigureAction::kWalk, 30);
  const auto rarity = ScoresOf(*Scorer({PostureParts::kRarity, false}), FigureAction::kWalk, 30);
  const auto concealment =
      ScoresOf(*Scorer({PostureParts::kConcealment, false}), FigureAction::kWalk, 30);
  for (int i = 4; i < 30; ++i) {
    EXPECT_NE(*rarity[i], *concealment[i]);
    EXPECT_NEAR(*both[i], (*rarity[i] + *concealment[i]) / 2, 1e-5);
    EXPECT_FLOAT_EQ(fitted_->calibration.FractionBelow(*both[i]),
                    *ScoresOf(FigureAction::kWalk, 30)[i]);
  }
}

TEST_F(PostureScorerTest, APartAloneIsNeverCalibrated) {
  EXPECT_EQ(ScoresOf(*Scorer({PostureParts::kRarity, true}), FigureAction::kConceal, 30),
            ScoresOf(*Scorer({PostureParts::kRarity, false}), FigureAction::kConceal, 30));
}

// The rarity ranks of a clip's poses under a density.
std::vector<float> RanksOf(const PoseClip& clip, const PostureModel& model, size_t density) {
  const PostureModel alone{model.projection, {model.densities[density]}, model.concealment};
  std::vector<float> ranks;
  for (const ClipPose& pose : clip.tracks.front().poses) {
    ranks.push_back(alone.RarityRank(MeasureBody(ToSample(pose))));
  }
  return ranks;
}

TEST(FitPostureTest, EachDensityRanksByTheClipsThatItIsBlindTo) {
  // Two clips that have nothing in common, one for each density: under it the other's poses are
  // all rare, and only ranked among themselves are they not.
  std::mt19937 random(1);
  const std::vector<PoseClip> clips = {
      {"01_0001", {FigureTrack(1, FigureAction::kWalk, 60, random)}},
      {"01_0002", {FigureTrack(1, FigureAction::kConceal, 60, random)}}};
  const auto fitted = FitPosture(clips, SmallFit());
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  ASSERT_EQ(fitted->model.densities.size(), 2u);
  int ranked = 0;
  for (size_t density = 0; density < 2; ++density) {
    for (const PoseClip& clip : clips) {
      std::vector<float> ranks = RanksOf(clip, fitted->model, density);
      std::nth_element(ranks.begin(), ranks.begin() + 30, ranks.end());
      const bool blind = ranks[30] > 0.4f && ranks[30] < 0.6f;
      ranked += blind ? 1 : 0;
      EXPECT_TRUE(blind || ranks[30] == 0) << density << " " << clip.name << " " << ranks[30];
    }
  }
  EXPECT_EQ(ranked, 2);
}

TEST(FitPostureTest, OneDensityIsRankedByClipsHeldBack) {
  PostureFitOptions options = SmallFit();
  options.densities = 1;
  const auto fitted = FitPosture(WalkingClips(4, 40), options);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->model.densities.size(), 1u);
}

TEST(FitPostureTest, IsTheSameForTheSameSeed) {
  const std::vector<PoseClip> clips = WalkingClips(4, 40);
  const auto a = FitPosture(clips, SmallFit());
  const auto b = FitPosture(clips, SmallFit());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->calibration.quantiles(), b->calibration.quantiles());
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(a->model.densities[i].mixture.means, b->model.densities[i].mixture.means);
  }
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
  PostureFitOptions many = SmallFit();
  many.densities = 5;
  EXPECT_FALSE(FitPosture(WalkingClips(4, 40), many).ok());
  many.densities = 0;
  EXPECT_FALSE(FitPosture(WalkingClips(4, 40), many).ok());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
