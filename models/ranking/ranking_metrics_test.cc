#include "models/pose_anomaly/statistics/ranking_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace aislewatch::pose_anomaly {
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

TEST(StratifiedAucTest, ComparesOnlyInsideAStratum) {
  // Across strata the score is perfect, inside each it is reversed.
  const std::vector<ScoredFrame> frames = {{1, true}, {2, false}, {11, true}, {12, false}};
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
}  // namespace aislewatch::pose_anomaly
