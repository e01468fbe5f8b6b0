#include "simulator/tracking_score.h"

#include <vector>

#include "gtest/gtest.h"

namespace aislewatch::simulator {
namespace {

constexpr NormalizedBox kLeft{0.1f, 0.2f, 0.1f, 0.5f};
constexpr NormalizedBox kRight{0.6f, 0.2f, 0.1f, 0.5f};

TruthFrame Truth() {
  TruthFrame truth;
  truth.people = {{.id = 1, .box = kLeft, .visible = 1}, {.id = 2, .box = kRight, .visible = 1}};
  return truth;
}

TrackedPerson Track(uint64_t id, const NormalizedBox& box) {
  return {.track_id = id, .person = {.box = box}};
}

TEST(TrackingScorer, RightIdentitiesAreAllIdentified) {
  TrackingScorer scorer;
  for (int i = 0; i < 10; ++i) scorer.Observe(Truth(), {{Track(7, kLeft), Track(8, kRight)}});
  const TrackingScore score = scorer.Score();
  EXPECT_EQ(score.visible, 20);
  EXPECT_EQ(score.matched, 20);
  EXPECT_EQ(score.switches, 0);
  EXPECT_EQ(score.tracks, 2);
  EXPECT_DOUBLE_EQ(score.recall(), 1);
  EXPECT_DOUBLE_EQ(score.idf1(), 1);
}

TEST(TrackingScorer, SwappedIdentitiesCostIdf1ButNotRecall) {
  TrackingScorer scorer;
  for (int i = 0; i < 6; ++i) scorer.Observe(Truth(), {{Track(7, kLeft), Track(8, kRight)}});
  for (int i = 0; i < 4; ++i) scorer.Observe(Truth(), {{Track(8, kLeft), Track(7, kRight)}});
  const TrackingScore score = scorer.Score();
  EXPECT_EQ(score.switches, 2);
  EXPECT_EQ(score.people, 2);
  EXPECT_EQ(score.tracks, 4);
  EXPECT_DOUBLE_EQ(score.recall(), 1);
  EXPECT_DOUBLE_EQ(score.idf1(), 0.6);
}

TEST(TrackingScorer, WhoIsHiddenNeedNotBeFoundAndGhostsCost) {
  TrackingScorer scorer;
  TruthFrame truth = Truth();
  truth.people[1].visible = 0.1f;
  for (int i = 0; i < 10; ++i) {
    scorer.Observe(truth, {{Track(7, kLeft), Track(9, {0.4f, 0.1f, 0.1f, 0.2f})}});
  }
  const TrackingScore score = scorer.Score();
  EXPECT_EQ(score.visible, 10);
  EXPECT_EQ(score.reported, 20);
  EXPECT_DOUBLE_EQ(score.recall(), 1);
  EXPECT_DOUBLE_EQ(score.idf1(), 2.0 / 3);
}

TEST(TrackingScorer, ScoresAddUpAndNothingIsZero) {
  TrackingScorer scorer;
  EXPECT_DOUBLE_EQ(scorer.Score().recall(), 0);
  EXPECT_DOUBLE_EQ(scorer.Score().idf1(), 0);
  scorer.Observe(Truth(), {{Track(7, kLeft)}});
  TrackingScore sum = scorer.Score();
  sum.Add(scorer.Score());
  EXPECT_EQ(sum.visible, 4);
  EXPECT_EQ(sum.matched, 2);
  EXPECT_DOUBLE_EQ(sum.recall(), 0.5);
}

}  // namespace
}  // namespace aislewatch::simulator
