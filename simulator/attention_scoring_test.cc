#include "simulator/attention_scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aislewatch::simulator {
namespace {

using ::testing::DoubleNear;
using ::testing::Eq;
using ::testing::Optional;

TruthVisit Truth(uint64_t person, double looking_s, double dwell_s = 0) {
  return {person, "shop", 0, 10, looking_s, looking_s > 0, dwell_s > 0, false, dwell_s};
}

FoundVisit Found(uint64_t person, double looking_s, double dwell_s = 0) {
  return {person, "shop", looking_s, dwell_s, looking_s > 0, dwell_s > 0, false};
}

TEST(ScoreAttention, CountsHitsMissesAndFalseAlarms) {
  const auto scores = ScoreAttention({Truth(1, 3), Truth(2, 2), Truth(3, 0), Truth(4, 0, 5)},
                                     {Found(1, 2), Found(3, 1), Found(4, 0, 4)});
  EXPECT_EQ(scores.passers_by, 4);
  EXPECT_EQ(scores.visits_told, 3);
  EXPECT_EQ(scores.looked.hits, 1);
  EXPECT_EQ(scores.looked.misses, 1);
  EXPECT_EQ(scores.looked.false_alarms, 1);
  EXPECT_THAT(scores.looked.precision(), Optional(DoubleNear(0.5, 1e-9)));
  EXPECT_THAT(scores.entered.recall(), Optional(DoubleNear(1, 1e-9)));
  // Errors of 1, 2 and 1 second, told -1, -2 and 1 too much.
  EXPECT_THAT(scores.looking.mean_absolute_s(), Optional(DoubleNear(4.0 / 3, 1e-9)));
  EXPECT_THAT(scores.looking.mean_s(), Optional(DoubleNear(-2.0 / 3, 1e-9)));
  EXPECT_EQ(scores.dwell.pairs, 1);
}

TEST(ScoreAttention, SeveralVisitsOfOnePersonAreOne) {
  const auto scores = ScoreAttention({Truth(1, 4)}, {Found(1, 1), Found(1, 2)});
  EXPECT_EQ(scores.looked.hits, 1);
  EXPECT_EQ(scores.visits_told, 2);
  EXPECT_THAT(scores.looking.mean_s(), Optional(DoubleNear(-1, 1e-9)));
}

TEST(ScoreAttention, VisitsOfNobodyAreFalse) {
  const auto scores = ScoreAttention({Truth(1, 0)}, {Found(0, 2), Found(9, 0)});
  EXPECT_EQ(scores.strangers, 2);
  EXPECT_EQ(scores.looked.false_alarms, 1);
}

TEST(ScoreAttention, WithoutAnythingThereIsNoScore) {
  const auto scores = ScoreAttention({}, {});
  EXPECT_THAT(scores.looked.precision(), Eq(std::nullopt));
  EXPECT_THAT(scores.looking.mean_absolute_s(), Eq(std::nullopt));
}

TEST(ScoreAttention, ScoresOfSeveralStoresAddUp) {
  AttentionScores sum = ScoreAttention({Truth(1, 3)}, {Found(1, 2)});
  sum.Add(ScoreAttention({Truth(1, 1)}, {}));
  EXPECT_EQ(sum.passers_by, 2);
  EXPECT_THAT(sum.looked.recall(), Optional(DoubleNear(0.5, 1e-9)));
  EXPECT_THAT(sum.looking.mean_absolute_s(), Optional(DoubleNear(1, 1e-9)));
}

}  // namespace
}  // namespace aislewatch::simulator
