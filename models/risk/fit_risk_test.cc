#include "models/risk/fit_risk.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::risk_training {
namespace {

double Logit(double p) { return std::log(p / (1 - p)); }

// Somebody at ten frames a second whose classifier says `usual`, and `peak` for `peak_frames`.
TrackMoments Visit(float usual, float peak, int peak_frames, float anomaly = 0.5f) {
  TrackMoments track;
  for (int i = 0; i < 30; ++i) {
    const bool high = i >= 10 && i < 10 + peak_frames;
    track.push_back({absl::Milliseconds(100 * i),
                     {.pose_anomaly = anomaly, .shoplifting = high ? peak : usual}});
  }
  return track;
}

Episode EpisodeOf(TrackMoments track, bool conceals, std::string group = "1") {
  Episode episode;
  episode.source = "test";
  episode.group = std::move(group);
  episode.conceals = conceals;
  episode.tracks.push_back(std::move(track));
  return episode;
}

// Acts show in the classifier, which is shifted against what the hand-set weights expect, and not
// at all in how unusual poses are.
std::vector<Episode> ShiftedClassifier() {
  std::vector<Episode> episodes;
  for (int i = 0; i < 40; ++i) {
    const bool act = i % 2 == 0;
    const float noise = 0.05f * static_cast<float>(i % 5);
    const float peak = act ? 0.4f + noise : 0.1f + noise;
    const float anomaly = i % 4 < 2 ? 0.2f : 0.9f;
    episodes.push_back(EpisodeOf(Visit(0.05f, peak, 8, anomaly), act, std::to_string(i / 4)));
  }
  return episodes;
}

TEST(FitRisk, AnEpisodeIsTheBestMomentThatEnoughFramesReach) {
  RiskWeights weights;
  weights.dwell = weights.pose_anomaly = 0;
  const FitOptions options;
  const auto reached = [&](int frames) {
    return *ConfirmedLogOdds(EpisodeOf(Visit(0.1f, 0.9f, frames), true), RiskKind::kConcealment,
                             weights, options);
  };
  const double high = weights.bias + weights.clip_shoplifting * Logit(0.9);
  const double low = weights.bias + weights.clip_shoplifting * Logit(0.1);
  // Five of the eight frames of a window.
  EXPECT_NEAR(reached(4), low, 1e-4);
  EXPECT_NEAR(reached(5), high, 1e-4);
  const Episode brief = EpisodeOf({{absl::ZeroDuration(), {.shoplifting = 0.9f}}}, true);
  EXPECT_FALSE(ConfirmedLogOdds(brief, RiskKind::kConcealment, weights, options).has_value());
}

TEST(FitRisk, FindsWhereTheClassifiersThresholdLies) {
  const std::vector<Episode> episodes = ShiftedClassifier();
  const FitOptions options;
  EXPECT_EQ(Measure(episodes, RiskKind::kConcealment, RiskWeights(), options).recall, 0);
  const auto fitted = FitRisk(episodes, RiskWeights(), options);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  const KindFigures figures = Measure(episodes, RiskKind::kConcealment, *fitted, options);
  EXPECT_EQ(figures.positives, 20);
  EXPECT_EQ(figures.negatives, 20);
  EXPECT_EQ(figures.auc_roc, 1);
  EXPECT_EQ(figures.precision, 1);
  EXPECT_EQ(figures.recall, 1);
  EXPECT_GT(fitted->clip_shoplifting, RiskWeights().clip_shoplifting);
  EXPECT_LT(fitted->pose_anomaly, RiskWeights().pose_anomaly);
  EXPECT_GE(fitted->pose_anomaly, 0);
  // Held-out groups do nearly as well: where the best threshold lies is theirs to learn.
  EXPECT_GE(CrossValidate(episodes, RiskKind::kConcealment, RiskWeights(), options, 5).f1, 0.9);
}

TEST(FitRisk, WhatTheEpisodesSayNothingOfStays) {
  const auto fitted = FitRisk(ShiftedClassifier(), RiskWeights(), {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->zone_shelf, RiskWeights().zone_shelf);
  EXPECT_EQ(fitted->clip_fighting, RiskWeights().clip_fighting);
  EXPECT_EQ(fitted->fight_bias, RiskWeights().fight_bias);
}

TEST(FitRisk, TheClassifierDecidesWhateverTheEpisodesSay) {
  // Here poses tell all and the classifier nothing.
  std::vector<Episode> episodes;
  for (int i = 0; i < 40; ++i) {
    const bool act = i % 2 == 0;
    episodes.push_back(EpisodeOf(Visit(0.5f, 0.5f, 8, act ? 0.99f : 0.1f), act));
  }
  const FitOptions options;
  const auto fitted = FitRisk(episodes, RiskWeights(), options);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_GT(fitted->pose_anomaly, RiskWeights().pose_anomaly);
  EXPECT_LT(RiskModel(*fitted)
                .Concealment(
                    {.pose_anomaly = 1, .zones = {ZoneKind::kRestricted}, .dwell = absl::Hours(1)})
                .value,
            options.min_risk);
  EXPECT_EQ(fitted->bias, RiskWeights().bias);
}

TEST(FitRisk, ASmallSpreadHoldsTheWeights) {
  FitOptions tight;
  tight.spread = 1e-3;
  const auto fitted = FitRisk(ShiftedClassifier(), RiskWeights(), tight);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_NEAR(fitted->clip_shoplifting, RiskWeights().clip_shoplifting, 1e-3);
}

TEST(FitRisk, ASourceWithOneSortOfEpisodesTeachesNothing) {
  std::vector<Episode> episodes;
  for (int i = 0; i < 4; ++i) {
    episodes.push_back(EpisodeOf(Visit(0.1f, 0.9f, 8), true));
    episodes.back().source = i % 2 == 0 ? "a" : "b";
    episodes.back().conceals = i % 2 == 0;
  }
  EXPECT_EQ(FitRisk(episodes, RiskWeights(), {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CrossValidate(episodes, RiskKind::kFight, RiskWeights(), {}, 3).positives, 0);
}

TEST(FitRisk, IntervalsHoldTheFigureAndAreWiderWhereEpisodesComeInFewGroups) {
  std::vector<Episode> many = ShiftedClassifier();
  // One act in four is missed, at one store in four.
  for (size_t i = 0; i < many.size(); i += 2) {
    many[i].group = std::to_string(i);
    if (i % 8 == 0) many[i].tracks = {Visit(0.05f, 0.05f, 8)};
  }
  std::vector<Episode> few = many;
  for (size_t i = 0; i < few.size(); i += 2) few[i].group = std::to_string(i % 8);
  const RiskWeights fitted = *FitRisk(ShiftedClassifier(), RiskWeights(), {});
  const auto recall = [&](const std::vector<Episode>& episodes) {
    const KindFigures figures = Measure(episodes, RiskKind::kConcealment, fitted, {});
    EXPECT_DOUBLE_EQ(figures.recall, 0.75);
    return *figures.bootstrap.recall;
  };
  const ranking::Interval narrow = recall(many);
  const ranking::Interval wide = recall(few);
  EXPECT_LT(narrow.low, 0.75);
  EXPECT_GT(narrow.high, 0.75);
  EXPECT_GT(wide.high - wide.low, narrow.high - narrow.low);
}

TEST(FitRisk, FoldsShareNoGroupAndNobodySeenRanksLast) {
  std::vector<Episode> episodes = ShiftedClassifier();
  episodes.push_back(EpisodeOf({}, true, "empty"));
  const KindFigures figures = CrossValidate(episodes, RiskKind::kConcealment, RiskWeights(), {}, 3);
  EXPECT_EQ(figures.positives, 21);
  EXPECT_LT(figures.auc_roc, 1);
  EXPECT_LT(figures.recall, 1);
}

}  // namespace
}  // namespace aislewatch::risk_training
