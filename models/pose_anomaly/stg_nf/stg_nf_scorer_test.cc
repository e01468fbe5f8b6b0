#include "models/pose_anomaly/stg_nf/stg_nf_scorer.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "models/pose_anomaly/stg_nf/fit_stg_nf.h"
#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

StgNfFitOptions SmallFit() {
  StgNfFitOptions options;
  options.flow.window = 4;
  options.flow.flow_steps = 4;
  options.epochs = 3;
  options.batch = 64;
  options.learning_rate = 5e-3;
  options.stride = 1;
  options.held_back = 0.3;
  return options;
}

class StgNfScorerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto fitted = FitStgNf(WalkingClips(8, 60), SmallFit());
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    scorer_ = *NewStgNfScorer(fitted->flow, fitted->calibration, {"stg-nf", "1"});
    fitted_ = std::make_unique<FittedStgNf>(*std::move(fitted));
  }
  static void TearDownTestSuite() {
    scorer_.reset();
    fitted_.reset();
  }

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

  static std::unique_ptr<FittedStgNf> fitted_;
  static std::unique_ptr<PoseAnomalyScorer> scorer_;
};

std::unique_ptr<FittedStgNf> StgNfScorerTest::fitted_;
std::unique_ptr<PoseAnomalyScorer> StgNfScorerTest::scorer_;

TEST_F(StgNfScorerTest, ScoresFromTheFirstFullWindowOn) {
  const auto scores = ScoresOf(FigureAction::kWalk, 8);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(scores[i].has_value(), i >= 3) << i;
}

TEST_F(StgNfScorerTest, RanksUnseenPosturesAboveTrainedOnes) {
  double walk = 0, conceal = 0;
  const auto walking = ScoresOf(FigureAction::kWalk, 43);
  const auto concealing = ScoresOf(FigureAction::kConceal, 43);
  for (int i = 3; i < 43; ++i) {
    walk += *walking[i] / 40;
    conceal += *concealing[i] / 40;
  }
  EXPECT_GT(conceal, walk + 0.2);
}

TEST_F(StgNfScorerTest, GivesBitsPerDimensionWhereRanksAreNotAskedFor) {
  ScoringOptions scoring;
  scoring.calibrated = false;
  const auto plain = NewStgNfScorer(fitted_->flow, fitted_->calibration, {"stg-nf", "1"}, scoring);
  ASSERT_TRUE(plain.ok()) << plain.status();
  const auto ranks = ScoresOf(FigureAction::kWalk, 30);
  const auto bits = ScoresOf(**plain, FigureAction::kWalk, 30);
  for (int i = 3; i < 30; ++i) {
    EXPECT_EQ(fitted_->calibration.FractionBelow(*bits[i]), *ranks[i]);
  }
}

TEST_F(StgNfScorerTest, HasNoParts) {
  ScoringOptions scoring;
  scoring.parts = PostureParts::kRarity;
  EXPECT_EQ(NewStgNfScorer(fitted_->flow, fitted_->calibration, {}, scoring).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(StgNfScorerTest, GivesTheSameScoresToTracksOfSeveralThreads) {
  const auto expected = ScoresOf(FigureAction::kWalk, 40);
  std::vector<std::vector<std::optional<float>>> scores(4);
  std::vector<std::thread> threads;
  for (auto& s : scores) {
    threads.emplace_back([&s] { s = ScoresOf(FigureAction::kWalk, 40); });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& s : scores) EXPECT_EQ(s, expected);
}

TEST_F(StgNfScorerTest, StaysWithinZeroAndOneOnNonsense) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> anywhere(-1e6f, 1e6f);
  const auto track = scorer_->NewTrack();
  for (int f = 0; f < 20; ++f) {
    ClipPose pose{f, {}};
    for (Keypoint& k : pose.pose) k = {anywhere(random), anywhere(random), 0};
    if (const auto score = track->Push(ToSample(pose))) {
      EXPECT_GE(*score, 0);
      EXPECT_LE(*score, 1);
    }
  }
}

TEST(FitStgNfTest, LowersTheLoss) {
  const std::vector<PoseClip> clips = WalkingClips(8, 60);
  StgNfFitOptions options = SmallFit();
  options.epochs = 1;
  const auto one = FitStgNf(clips, options);
  options.epochs = 6;
  const auto six = FitStgNf(clips, options);
  ASSERT_TRUE(one.ok() && six.ok()) << one.status() << six.status();
  EXPECT_LT(six->loss, one->loss - 0.1);
}

TEST(FitStgNfTest, IsTheSameForTheSameSeed) {
  const std::vector<PoseClip> clips = WalkingClips(4, 40);
  const auto a = FitStgNf(clips, SmallFit());
  const auto b = FitStgNf(clips, SmallFit());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->loss, b->loss);
}

TEST(FitStgNfTest, RejectsWindowsThatDoNotFit) {
  for (int window : {0, 2, 6, 244}) {
    StgNfFitOptions options = SmallFit();
    options.flow.window = window;
    EXPECT_EQ(FitStgNf(WalkingClips(4, 40), options).status().code(),
              absl::StatusCode::kInvalidArgument)
        << window;
  }
}

TEST(FitStgNfTest, RejectsTracksShorterThanAWindow) {
  StgNfFitOptions options = SmallFit();
  options.flow.window = 24;
  EXPECT_EQ(FitStgNf(WalkingClips(4, 20), options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
