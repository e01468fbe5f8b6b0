#include "cli/clips/anomaly_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace aislewatch {
namespace {

ScoredClip Scored(const std::string& folder, std::vector<float> scores, int frames = 10) {
  ScoredClip clip;
  clip.clip = {folder + "/1.mp4", "set", folder, {}};
  if (const auto actions = clip_training::ActionsOfFolder(folder); actions.ok()) {
    clip.clip.actions = *actions;
  }
  clip.anomaly.frames = frames;
  clip.anomaly.frames_with_people = static_cast<int>(scores.size()) + 1;
  for (size_t f = 0; f < scores.size(); ++f) {
    if (!clip.anomaly.peak || scores[f] > clip.anomaly.peak->score) {
      clip.anomaly.peak = {scores[f], f, 1};
    }
    clip.anomaly.mean =
        clip.anomaly.mean.value_or(0) + scores[f] / static_cast<float>(scores.size());
  }
  clip.anomaly.scores = std::move(scores);
  return clip;
}

TEST(EvaluateLabelledTest, RanksByMeanPeakAndControl) {
  const std::vector<ScoredClip> clips = {Scored("shoplifting", {0.8f, 0.8f}),
                                         Scored("shoplifting", {0.6f, 0.7f}),
                                         Scored("normal", {0.1f, 0.9f}), Scored("normal", {})};
  const auto evaluation = EvaluateLabelled(clips);
  ASSERT_TRUE(evaluation.has_value());
  EXPECT_EQ(evaluation->positives, 2);
  EXPECT_EQ(evaluation->ways[0].auc_roc, 1);
  EXPECT_EQ(evaluation->ways[0].average_precision, 1);
  ASSERT_TRUE(evaluation->ways[0].bootstrap.has_value());
  // The peak of a normal clip is the highest; nobody in the other one has a score.
  EXPECT_EQ(evaluation->ways[1].auc_roc, 0.5);
  EXPECT_EQ(evaluation->ways[2].auc_roc, 0.75);
  EXPECT_GT(evaluation->threshold, 0.5);
  EXPECT_LT(evaluation->threshold, 0.65);
  const nlohmann::json json = LabelledToJson(*evaluation);
  EXPECT_EQ(json["mean"]["auc_roc"], 1);
  EXPECT_EQ(json["labelled"], true);
}

TEST(EvaluateLabelledTest, AClipWithoutAScoreIsNeverRaised) {
  // Raising everything has the highest F1.
  const auto evaluation = EvaluateLabelled(
      {Scored("shoplifting", {}), Scored("shoplifting", {0.1f}), Scored("normal", {0.9f})});
  ASSERT_TRUE(evaluation.has_value());
  EXPECT_EQ(evaluation->threshold, 0);
}

TEST(EvaluateLabelledTest, FootageOfOneKindHasNothingToRank) {
  EXPECT_FALSE(EvaluateLabelled({Scored("normal", {0.5f}), Scored("taking", {0.6f})}).has_value());
  EXPECT_FALSE(EvaluateLabelled({Scored("footage", {0.5f})}).has_value());
  EXPECT_FALSE(EvaluateLabelled({}).has_value());
}

TEST(MeasureFootageTest, CountsFramesAndSpreadsScoresOverAllClips) {
  const FootageFigures figures =
      MeasureFootage({Scored("a", {0.0f, 0.5f, 1.0f}, 20), Scored("b", {0.84f, 0.9f}, 5)});
  EXPECT_EQ(figures.frames, 25);
  EXPECT_EQ(figures.frames_with_people, 7);
  EXPECT_EQ(figures.frames_with_score, 5);
  EXPECT_NEAR(figures.quantiles[2], 0.84, 1e-6);  // the median
  EXPECT_NEAR(figures.quantiles[0], 0.1, 1e-6);   // a fifth of the way from 0 to 0.5
  EXPECT_NEAR(figures.share_above[0], 0.6, 1e-9);
  EXPECT_NEAR(figures.share_above[1], 0.2, 1e-9);
}

TEST(MeasureFootageTest, FramesWithoutScoresHaveNoSpread) {
  const std::vector<ScoredClip> clips = {Scored("a", {})};
  EXPECT_EQ(MeasureFootage(clips).frames_with_score, 0);
  const nlohmann::json json = FootageToJson(clips);
  EXPECT_TRUE(json["quantiles"].empty());
  EXPECT_EQ(json["labelled"], false);
  ASSERT_EQ(json["by_clip"].size(), 1u);
  EXPECT_EQ(json["by_clip"][0]["clip"], "a/1.mp4");
}

TEST(FootageToJsonTest, NamesQuantilesAndThresholds) {
  const nlohmann::json json = FootageToJson({Scored("a", {0.25f})});
  EXPECT_EQ(json["quantiles"]["0.50"], 0.25);
  EXPECT_EQ(json["quantiles"].size(), 7u);
  EXPECT_EQ(json["share_above"]["0.83"], 0);
}

}  // namespace
}  // namespace aislewatch
