#include "simulator/scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aislewatch::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TruthIncident Act(ActKind kind, std::vector<uint64_t> people, double start, double end,
                  bool complete = true) {
  return {kind, std::move(people), start, end, complete};
}

TEST(ScoreIncidents, PairsAnIncidentWithTheActOfItsPerson) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kConcealment, {1}, 10, 13),
                                            Act(ActKind::kConcealment, {2}, 10, 13)};
  const std::vector<FoundIncident> found = {{ActKind::kConcealment, 14.5, {2}}};
  const IncidentScores scores = ScoreIncidents(truth, found);
  EXPECT_EQ(scores.hits, 1);
  EXPECT_DOUBLE_EQ(scores.precision.value(), 1);
  EXPECT_DOUBLE_EQ(scores.recall.value(), 0.5);
  EXPECT_FALSE(scores.acts[0].found.has_value());
  EXPECT_EQ(scores.acts[1].found, 0u);
  EXPECT_DOUBLE_EQ(scores.acts[1].delay_s, 1.5);
}

TEST(ScoreIncidents, CallsAnIncidentOnAPersonWithoutAnActAFalseAlarm) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kConcealment, {1}, 10, 13)};
  const std::vector<FoundIncident> found = {{ActKind::kConcealment, 12, {7}},
                                            {ActKind::kConcealment, 12, {}}};
  const IncidentScores scores = ScoreIncidents(truth, found);
  EXPECT_THAT(scores.false_alarms, ElementsAre(0, 1));
  EXPECT_DOUBLE_EQ(scores.precision.value(), 0);
  EXPECT_DOUBLE_EQ(scores.recall.value(), 0);
}

TEST(ScoreIncidents, CountsASecondIncidentForTheSameActAsFalse) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kConcealment, {1}, 10, 13)};
  const std::vector<FoundIncident> found = {{ActKind::kConcealment, 15, {1}},
                                            {ActKind::kConcealment, 12, {1}}};
  const IncidentScores scores = ScoreIncidents(truth, found);
  EXPECT_EQ(scores.acts[0].found, 1u) << "the earlier one is the act's";
  EXPECT_DOUBLE_EQ(scores.acts[0].delay_s, -1);
  EXPECT_THAT(scores.false_alarms, ElementsAre(0));
}

TEST(ScoreIncidents, DoesNotLetKindsOrTimesMix) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kConcealment, {1}, 10, 13)};
  const std::vector<FoundIncident> found = {{ActKind::kFight, 12, {1}},
                                            {ActKind::kConcealment, 9, {1}},
                                            {ActKind::kConcealment, 18.5, {1}}};
  const IncidentScores scores = ScoreIncidents(truth, found, {.early_s = 0.5, .late_s = 5});
  EXPECT_EQ(scores.hits, 0);
  EXPECT_EQ(scores.false_alarms.size(), 3u);
}

TEST(ScoreIncidents, PairsAsManyAsPossible) {
  // The first act could take either incident, the second only the earlier one.
  const std::vector<TruthIncident> truth = {Act(ActKind::kConcealment, {1}, 0, 10),
                                            Act(ActKind::kConcealment, {1}, 1, 2)};
  const std::vector<FoundIncident> found = {{ActKind::kConcealment, 3, {1}},
                                            {ActKind::kConcealment, 12, {1}}};
  const IncidentScores scores = ScoreIncidents(truth, found);
  EXPECT_EQ(scores.hits, 2);
  EXPECT_THAT(scores.false_alarms, IsEmpty());
}

TEST(ScoreIncidents, NeitherRewardsNorBlamesWhatTheFootageCutsOff) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kLoitering, {1}, 50, 60, false),
                                            Act(ActKind::kLoitering, {2}, 52, 60, false)};
  const std::vector<FoundIncident> found = {{ActKind::kLoitering, 58, {1}}};
  const IncidentScores scores = ScoreIncidents(truth, found);
  EXPECT_THAT(scores.acts, IsEmpty());
  EXPECT_THAT(scores.false_alarms, IsEmpty());
  EXPECT_THAT(scores.ignored, ElementsAre(0));
  EXPECT_FALSE(scores.precision.has_value());
  EXPECT_FALSE(scores.recall.has_value());
}

TEST(ScoreIncidents, AcceptsEitherPersonOfAFight) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kFight, {3, 4}, 5, 9)};
  const std::vector<FoundIncident> found = {{ActKind::kFight, 7, {4}}};
  EXPECT_EQ(ScoreIncidents(truth, found).hits, 1);
}

TEST(ScoreIncidents, LooksOnlyAtTheKindsAskedFor) {
  const std::vector<TruthIncident> truth = {Act(ActKind::kFight, {3, 4}, 5, 9),
                                            Act(ActKind::kConcealment, {1}, 5, 9)};
  const std::vector<FoundIncident> found = {{ActKind::kLoitering, 7, {4}},
                                            {ActKind::kConcealment, 9, {1}}};
  const ActKind kinds[] = {ActKind::kConcealment};
  const IncidentScores scores = ScoreIncidents(truth, found, {}, kinds);
  EXPECT_EQ(scores.acts.size(), 1u);
  EXPECT_DOUBLE_EQ(scores.precision.value(), 1);
}

TEST(ScoreIncidents, TellsQuantilesOfTheDelayByNearestRank) {
  std::vector<TruthIncident> truth;
  std::vector<FoundIncident> found;
  for (uint64_t i = 1; i <= 20; ++i) {
    truth.push_back(Act(ActKind::kConcealment, {i}, 0, 10));
    found.push_back({ActKind::kConcealment, 10 + 0.1 * static_cast<double>(i), {i}});
  }
  const IncidentScores scores = ScoreIncidents(truth, found);
  EXPECT_NEAR(scores.DelayQuantile(0.5).value(), 1.0, 1e-9);
  EXPECT_NEAR(scores.DelayQuantile(0.95).value(), 1.9, 1e-9);
  EXPECT_NEAR(scores.DelayQuantile(1).value(), 2.0, 1e-9);
  EXPECT_FALSE(ScoreIncidents({}, {}).DelayQuantile(0.5).has_value());
}

TEST(TrackMatcher, FollowsTheMajorityOfFrames) {
  TruthFrame truth;
  truth.people.resize(2);
  truth.people[0].id = 1;
  truth.people[0].box = {0.1f, 0.1f, 0.2f, 0.5f};
  truth.people[1].id = 2;
  truth.people[1].box = {0.6f, 0.1f, 0.2f, 0.5f};
  TrackedPerson track;
  track.track_id = 9;
  TrackMatcher matcher;
  track.person.box = truth.people[1].box;
  matcher.Observe(truth, {&track, 1});
  matcher.Observe(truth, {&track, 1});
  track.person.box = truth.people[0].box;
  matcher.Observe(truth, {&track, 1});
  track.person.box = {0.4f, 0.8f, 0.1f, 0.1f};
  matcher.Observe(truth, {&track, 1});
  EXPECT_EQ(matcher.PersonOf(9), 2u);
  EXPECT_FALSE(matcher.PersonOf(8).has_value());
  const uint64_t tracks[] = {8, 9, 9};
  EXPECT_THAT(matcher.PeopleOf(tracks), ElementsAre(2));
}

}  // namespace
}  // namespace aislewatch::simulator
