#include "models/ranking/ranking_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace aislewatch::ranking {
namespace {

TEST(RankingMetricsTest, MatchesAWorkedExample) {
  // scikit-learn's own example: labels 0 0 1 1, scores .1 .4 .35 .8.
  const auto m = Rank({{0.1f, false}, {0.4f, false}, {0.35f, true}, {0.8f, true}});
  ASSERT_TRUE(m.ok()) << m.status();
  EXPECT_NEAR(m->auc_roc, 0.75, 1e-9);
  EXPECT_NEAR(m->average_precision, 0.8333333, 1e-6);
  EXPECT_NEAR(m->eer, 0.5, 1e-9);
}

TEST(RankingMetricsTest, GivesPerfectAndReversedRankingTheirExtremes) {
  const auto good = Rank({{1, false}, {2, false}, {3, true}});
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->auc_roc, 1);
  EXPECT_EQ(good->average_precision, 1);
  EXPECT_EQ(good->eer, 0);
  const auto bad = Rank({{3, false}, {2, false}, {1, true}});
  ASSERT_TRUE(bad.ok());
  EXPECT_EQ(bad->auc_roc, 0);
  EXPECT_EQ(bad->eer, 1);
}

TEST(RankingMetricsTest, TreatsTiesAsOneThreshold) {
  const auto m = Rank({{1, false}, {1, true}, {1, false}, {1, true}});
  ASSERT_TRUE(m.ok());
  EXPECT_NEAR(m->auc_roc, 0.5, 1e-9);
  EXPECT_NEAR(m->average_precision, 0.5, 1e-9);
  EXPECT_NEAR(m->eer, 0.5, 1e-9);
}

TEST(RankingMetricsTest, RejectsOneClassAndNan) {
  EXPECT_FALSE(Rank({{1, true}}).ok());
  EXPECT_FALSE(Rank({}).ok());
  EXPECT_FALSE(Rank({{1, true}, {std::nanf(""), false}}).ok());
}

TEST(RankingMetricsTest, AnItemCountsAsOftenAsItsWeightSays) {
  const auto weighted =
      Rank({{0.1f, false, 2}, {0.4f, false, 1}, {0.35f, true, 3}, {0.8f, true, 1}, {9, false, 0}});
  const auto repeated = Rank({{0.1f, false},
                              {0.1f, false},
                              {0.4f, false},
                              {0.35f, true},
                              {0.35f, true},
                              {0.35f, true},
                              {0.8f, true}});
  ASSERT_TRUE(weighted.ok() && repeated.ok());
  EXPECT_DOUBLE_EQ(weighted->auc_roc, repeated->auc_roc);
  EXPECT_DOUBLE_EQ(weighted->average_precision, repeated->average_precision);
  EXPECT_DOUBLE_EQ(weighted->eer, repeated->eer);
  EXPECT_FALSE(Rank({{1, true, 1}, {2, false, 0}}).ok());
}

double AreaBelow(const std::vector<CurvePoint>& line) {
  double area = 0;
  for (size_t i = 1; i < line.size(); ++i) {
    area += (line[i].x - line[i - 1].x) * (line[i].y + line[i - 1].y) / 2;
  }
  return area;
}

MATCHER_P2(IsPoint, x, y, "") { return std::abs(arg.x - x) < 1e-12 && std::abs(arg.y - y) < 1e-12; }

TEST(CurvesTest, GoThroughTheThresholdsOfAWorkedExample) {
  // scikit-learn's example again; falling scores: positive, negative, positive, negative.
  const auto ranking = MakeRanking({{0.1f, false}, {0.4f, false}, {0.35f, true}, {0.8f, true}});
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  EXPECT_THAT(RocCurve(*ranking),
              testing::ElementsAre(IsPoint(0, 0), IsPoint(0, 0.5), IsPoint(0.5, 0.5),
                                   IsPoint(0.5, 1), IsPoint(1, 1)));
  EXPECT_THAT(PrecisionRecallCurve(*ranking),
              testing::ElementsAre(IsPoint(0, 1), IsPoint(0.5, 1), IsPoint(0.5, 2.0 / 3),
                                   IsPoint(1, 2.0 / 3)));
}

TEST(CurvesTest, TiesAreOneSlantedLine) {
  const auto ranking = MakeRanking({{1, false}, {1, true}, {1, false}, {1, true}});
  ASSERT_TRUE(ranking.ok());
  EXPECT_THAT(RocCurve(*ranking), testing::ElementsAre(IsPoint(0, 0), IsPoint(1, 1)));
  EXPECT_THAT(PrecisionRecallCurve(*ranking),
              testing::ElementsAre(IsPoint(0, 0.5), IsPoint(1, 0.5)));
}

TEST(CurvesTest, AreasBelowAreTheMetrics) {
  std::vector<ScoredItem> items;
  for (int i = 0; i < 200; ++i) {
    items.push_back({static_cast<float>((i * 37) % 101), (i * i) % 7 < 3, 1.0 + i % 3});
  }
  const auto ranking = MakeRanking(items);
  ASSERT_TRUE(ranking.ok());
  const RankingMetrics metrics = MetricsOf(*ranking);
  EXPECT_NEAR(AreaBelow(RocCurve(*ranking)), metrics.auc_roc, 1e-12);
  EXPECT_NEAR(AreaBelow(PrecisionRecallCurve(*ranking)), metrics.average_precision, 1e-12);
}

TEST(BestF1ThresholdTest, LiesBelowTheLastScoreWorthTaking) {
  const auto of = [](std::vector<ScoredItem> items) {
    return BestF1Threshold(*MakeRanking(std::move(items)));
  };
  // Taking 0.9 and 0.7: F1 1. Taking the false 0.4 as well: 0.8.
  EXPECT_NEAR(of({{0.9f, true}, {0.7f, true}, {0.4f, false}, {0.1f, false}}), 0.55, 1e-6);
  // One false among them costs less than missing 0.2: 0.8 against 0.67.
  EXPECT_NEAR(of({{0.9f, true}, {0.5f, false}, {0.2f, true}, {0.1f, false}}), 0.15, 1e-6);
  EXPECT_NEAR(of({{0.9f, false}, {0.2f, true}}), 0.2, 1e-6) << "everything is taken";
}

TEST(PreciseThresholdTest, TakesAllItCanAndStaysPrecise) {
  const auto ranking = MakeRanking(
      {{0.9f, true}, {0.8f, false}, {0.6f, true}, {0.4f, false}, {0.3f, false}, {0.1f, true}});
  EXPECT_NEAR(PreciseThreshold(*ranking, 0.6), 0.5, 1e-6) << "two of three";
  EXPECT_NEAR(PreciseThreshold(*ranking, 0.9), 0.85, 1e-6);
  EXPECT_NEAR(PreciseThreshold(*ranking, 0.5), 0.1, 1e-6) << "everything: three of six";
  const auto hard = MakeRanking({{0.9f, false}, {0.8f, true}, {0.2f, false}});
  EXPECT_NEAR(PreciseThreshold(*hard, 0.9), 0.5, 1e-6) << "one of two is the best there is";
}

TEST(AreaUnderRocTest, CountsPairs) {
  const std::vector<float> scores = {0.1f, 0.4f, 0.35f, 0.8f};
  EXPECT_DOUBLE_EQ(AreaUnderRoc(scores, {false, false, true, true}), 0.75);
  EXPECT_DOUBLE_EQ(AreaUnderRoc(std::vector<float>{1, 1, 1}, {true, false, true}), 0.5);
  EXPECT_DOUBLE_EQ(AreaUnderRoc(std::vector<float>{1, 2}, {true, true}), 0.5);
}

TEST(StratifiedAucTest, ComparesOnlyInsideAStratum) {
  // Across strata the score is perfect, inside each it is reversed.
  const std::vector<ScoredItem> frames = {{1, true}, {2, false}, {11, true}, {12, false}};
  const auto within = StratifiedAuc(frames, {0, 0, 1, 1});
  ASSERT_TRUE(within.ok()) << within.status();
  EXPECT_EQ(*within, 0);
  EXPECT_FALSE(StratifiedAuc(frames, {0, 1, 2, 3}).ok());
  EXPECT_FALSE(StratifiedAuc(frames, {0}).ok());
}

TEST(SummarizeTest, GivesMeanAndSampleDeviation) {
  const MeanAndDeviation s = Summarize({1.0, 2.0, 3.0});
  EXPECT_NEAR(s.mean, 2, 1e-12);
  EXPECT_NEAR(s.deviation, 1, 1e-12);
  EXPECT_EQ(Summarize({5.0}).deviation, 0);
}

}  // namespace
}  // namespace aislewatch::ranking
