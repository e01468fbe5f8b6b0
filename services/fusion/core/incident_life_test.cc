// The life of incidents, played through a whole stream.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const Zone kRoom = Rectangle("store-room", ZoneKind::kRestricted, 0.55f, 0, 1, 1);
constexpr NormalizedPoint kOutside = {0.3f, 0.5f};
constexpr NormalizedPoint kInside = {0.8f, 0.5f};

ObservedPerson Normal(uint64_t id, NormalizedPoint foot = kOutside) {
  return Doing(Person(id, foot), Action::kNormal, 0.95f);
}

Scene Concealment() { return {{}, {MakeRule("hide", IncidentKind::kConcealment)}}; }

Scene Restricted(FireOncePer per = FireOncePer::kVisit,
                 absl::Duration cooldown = absl::ZeroDuration()) {
  Rule rule = MakeRule("staff", IncidentKind::kRestrictedZone);
  rule.fire_once_per = per;
  rule.cooldown = cooldown;
  return {{kRoom}, {rule}};
}

std::vector<TransitionKind> Kinds(const std::vector<Transition>& transitions) {
  std::vector<TransitionKind> kinds;
  for (const Transition& transition : transitions) kinds.push_back(transition.kind);
  return kinds;
}

TEST(IncidentLife, OpensGoesOnAndClosesAfterQuietTime) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(1), {Normal(1)});
  driver.Play(absl::Seconds(2), {Concealing(1)});
  const absl::Time quiet_from = driver.now();
  driver.Play(absl::Seconds(5), {Normal(1)});
  ASSERT_THAT(Kinds(driver.all()), ElementsAre(TransitionKind::kOpened, TransitionKind::kClosed));
  const Incident& closed = driver.all()[1].incident;
  EXPECT_FALSE(closed.open);
  EXPECT_EQ(closed.transition_number, 2u);
  EXPECT_EQ(closed.updated_time, quiet_from);
  EXPECT_EQ(closed.closed_time, quiet_from + absl::Milliseconds(3100));
  EXPECT_EQ(closed.opened_time, driver.all()[0].time);
}

TEST(IncidentLife, HoldsPeakPartsTracksModelsAndZones) {
  StreamDriver driver({{Rectangle("all", ZoneKind::kShelf, 0, 0, 1, 1)}, Concealment().rules});
  driver.Play(absl::Seconds(1), {Concealing(7, 0.9f)});
  driver.Play(absl::Milliseconds(200), {Concealing(7, 0.97f)});
  const absl::Time peak = driver.now();
  driver.Play(absl::Seconds(1), {Concealing(7, 0.8f)});
  const absl::Time last = driver.now();
  driver.Play(absl::Seconds(5), {}, {"classifier"});
  ASSERT_THAT(driver.all(), SizeIs(testing::Ge(2u)));
  const Incident& incident = driver.all().back().incident;
  EXPECT_NEAR(absl::ToDoubleSeconds(incident.peak_time - peak), 0, 0.11);
  EXPECT_GT(incident.peak_risk, 0.9f);
  ASSERT_THAT(incident.tracks, SizeIs(1));
  EXPECT_EQ(incident.tracks[0].track_id, 7u);
  EXPECT_EQ(incident.tracks[0].first_time, incident.opened_time);
  EXPECT_EQ(incident.tracks[0].last_time, last);
  EXPECT_FLOAT_EQ(incident.tracks[0].peak_risk, incident.peak_risk);
  double sum = 0;
  for (const RiskPart& part : incident.parts) sum += part.contribution;
  EXPECT_NEAR(1 / (1 + std::exp(-sum)), incident.peak_risk, 1e-5);
  std::vector<std::string> models;
  for (const ModelInfo& model : incident.models) models.push_back(model.name);
  EXPECT_THAT(models, UnorderedElementsAre("movenet", "fake-anomaly", "fake-fighting"));
  EXPECT_THAT(incident.zone_ids, ElementsAre("all"));
  EXPECT_THAT(incident.rule_ids, ElementsAre("hide"));
  EXPECT_THAT(incident.degraded, ElementsAre("classifier"));
}

TEST(IncidentLife, OneSceneIsOneIncident) {
  Scene scene = Restricted();
  scene.rules.push_back(MakeRule("hide", IncidentKind::kConcealment));
  scene.rules.push_back(MakeRule("brawl", IncidentKind::kFight));
  StreamDriver driver(scene);
  const ObservedPerson beside =
      Doing(Person(3, {kInside.x + 0.1f, kInside.y}), Action::kFighting, 0.93f);
  driver.Play(absl::Seconds(1), {Normal(1, kInside)});
  driver.Play(absl::Seconds(2), {Concealing(1, 0.92f, kInside)});
  driver.Play(absl::Seconds(2), {Doing(Person(1, kInside), Action::kFighting, 0.93f), beside});
  driver.Play(absl::Seconds(5), {});
  EXPECT_EQ(driver.opened(), 1u);
  const Incident& incident = driver.all().back().incident;
  EXPECT_EQ(incident.kind, IncidentKind::kFight);
  EXPECT_EQ(incident.severity, Severity::kCritical);
  EXPECT_THAT(incident.rule_ids, ElementsAre("staff", "hide", "brawl"));
  EXPECT_THAT(incident.tracks, SizeIs(2));
}

TEST(IncidentLife, WhatHappensElsewhereIsAnIncidentOfItsOwn) {
  Scene scene = Concealment();
  scene.rules.push_back(MakeRule("brawl", IncidentKind::kFight));
  const ObservedPerson fighter = Doing(Person(1, {0.1f, 0.5f}), Action::kFighting, 0.93f);
  const ObservedPerson other = Doing(Person(2, {0.2f, 0.5f}), Action::kFighting, 0.93f);
  const ObservedPerson far = Doing(Person(3, {0.9f, 0.5f}), Action::kFighting, 0.93f);
  const ObservedPerson thief = Concealing(4, 0.92f, {0.25f, 0.5f});
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(2), {fighter, other, far, thief});
  EXPECT_EQ(driver.opened(), 3u) << "the two, the one far off, and the thief beside the two";

  FusionSettings settings;
  settings.incidents.join = JoinPolicy::kCamera;
  StreamDriver together(scene, settings);
  together.Play(absl::Seconds(2), {fighter, other, far, thief});
  EXPECT_EQ(together.opened(), 1u);
}

TEST(IncidentLife, TheLastObservationClosesWhatIsOpen) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(2), {Concealing(1)});
  ASSERT_EQ(driver.Metric("open_incidents"), 1);
  const Judgement last = driver.Last();
  ASSERT_THAT(last.transitions, SizeIs(1));
  EXPECT_EQ(last.transitions[0].kind, TransitionKind::kClosed);
  EXPECT_EQ(last.transitions[0].incident.closed_time, driver.now());
  EXPECT_EQ(driver.Metric("open_incidents"), 0);
}

TEST(IncidentLife, TheMostSevereKindNamesItAndSeverityNeverFalls) {
  Scene scene = Restricted();
  scene.rules[0].severity = Severity::kCritical;
  scene.rules.push_back(MakeRule("hide", IncidentKind::kConcealment));
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(2), {Concealing(2)});
  driver.Play(absl::Seconds(2), {Concealing(2, 0.92f, kInside)});
  driver.Play(absl::Seconds(2), {Concealing(2)});
  EXPECT_EQ(driver.all()[0].incident.kind, IncidentKind::kConcealment);
  EXPECT_EQ(driver.all().back().incident.kind, IncidentKind::kRestrictedZone);
  EXPECT_EQ(driver.all().back().incident.severity, Severity::kCritical);
}

TEST(IncidentLife, EachRuleHasItsOwnIncidentWhereSettingsSaySo) {
  Scene scene = Restricted();
  scene.rules.push_back(MakeRule("hide", IncidentKind::kConcealment));
  FusionSettings settings;
  settings.incidents.join = JoinPolicy::kRule;
  StreamDriver driver(scene, settings);
  driver.Play(absl::Seconds(3), {Normal(1, kInside), Concealing(2), Concealing(3)});
  EXPECT_EQ(driver.opened(), 2u);
  EXPECT_EQ(driver.Metric("open_incidents"), 2);
}

TEST(IncidentLife, SceneAfterALongGapIsANewIncident) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(2), {Concealing(1)});
  driver.Skip(absl::Minutes(10));
  driver.Play(absl::Seconds(2), {Concealing(2)});
  EXPECT_THAT(Kinds(driver.all()), ElementsAre(TransitionKind::kOpened, TransitionKind::kClosed,
                                               TransitionKind::kOpened));
}

TEST(Updates, AreLimitedToOneASecond) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(1), {Concealing(1)});
  std::vector<ObservedPerson> people = {Concealing(1)};
  // Somebody joins five times a second.
  for (uint64_t id = 2; id <= 11; ++id) {
    people.push_back(Concealing(id));
    driver.Play(absl::Milliseconds(200), people);
  }
  driver.Play(absl::Seconds(2), people);
  EXPECT_THAT(driver.all().back().incident.tracks, SizeIs(11));
  absl::Time last = driver.all()[0].time;
  for (size_t i = 1; i < driver.all().size(); ++i) {
    EXPECT_GE(driver.all()[i].time - last, absl::Seconds(1));
    last = driver.all()[i].time;
  }
}

TEST(Updates, ANewSeverityComesAtOnce) {
  Scene scene = Restricted();
  scene.rules.push_back(MakeRule("brawl", IncidentKind::kFight));
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(2), {Normal(1, kInside), Doing(Person(2), Action::kFighting, 0.9f)});
  // The fight is confirmed after 0.5 s, the stay in the zone a frame later.
  EXPECT_THAT(driver.all(), SizeIs(2));
  EXPECT_EQ(driver.all()[1].time - driver.all()[0].time, absl::Milliseconds(100));
}

TEST(Updates, ComeWhenThePeakRisesNoticeablyOnly) {
  FusionSettings settings;
  settings.critical_risk = 2;  // Never.
  StreamDriver driver(Concealment(), settings);
  driver.Play(absl::Seconds(2), {Concealing(1, 0.86f)});
  const size_t before = driver.all().size();
  EXPECT_THAT(driver.Play(absl::Seconds(3), {Concealing(1, 0.862f)}), IsEmpty());
  EXPECT_THAT(driver.Play(absl::Seconds(3), {Concealing(1, 0.95f)}), SizeIs(1));
  EXPECT_EQ(driver.all().size(), before + 1);
}

TEST(Escalation, MakesAnOldIncidentCritical) {
  Scene scene = Restricted();
  scene.rules[0].escalate_after = absl::Seconds(10);
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(10), {Normal(1, kInside)});
  EXPECT_EQ(driver.all().back().incident.severity, Severity::kWarning);
  const auto transitions = driver.Play(absl::Seconds(2), {Normal(1, kInside)});
  ASSERT_THAT(Kinds(transitions), ElementsAre(TransitionKind::kUpdated));
  EXPECT_EQ(transitions[0].incident.severity, Severity::kCritical);
  EXPECT_EQ(transitions[0].incident.kind, IncidentKind::kRestrictedZone);
}

TEST(Escalation, KeepsTheIncidentOpenUntilThen) {
  Scene scene = Restricted();
  scene.rules[0].escalate_after = absl::Minutes(10);
  StreamDriver driver(scene);
  driver.Play(absl::Minutes(9), {Normal(1, kInside)});
  EXPECT_THAT(driver.all(), SizeIs(1));
  driver.Play(absl::Minutes(2), {Normal(1, kInside)});
  EXPECT_THAT(Kinds(driver.all()), ElementsAre(TransitionKind::kOpened, TransitionKind::kUpdated,
                                               TransitionKind::kClosed));
}

TEST(MaxOpen, ClosesAnEndlessIncidentAndDoesNotReopenItForTheSameStay) {
  StreamDriver driver(Restricted());
  driver.Play(absl::Minutes(12), {Normal(1, kInside)});
  EXPECT_THAT(Kinds(driver.all()), ElementsAre(TransitionKind::kOpened, TransitionKind::kClosed));
  EXPECT_EQ(driver.Suppressed("fire_once"), 1);
  // Somebody else is news.
  driver.Play(absl::Seconds(2), {Normal(1, kInside), Normal(2, kInside)});
  EXPECT_EQ(driver.opened(), 2u);
}

struct FireOnceCase {
  FireOncePer per;
  // Incidents after: 1 enters; 1 leaves and enters again; 2 enters while 1 is inside; both have
  // left, 2 enters again.
  size_t first, again, other, emptied;
};

class FireOnceTest : public ::testing::TestWithParam<FireOnceCase> {};

TEST_P(FireOnceTest, FiresAsOftenAsItsPolicySays) {
  const FireOnceCase& c = GetParam();
  StreamDriver driver(Restricted(c.per));
  const auto settle = [&driver](std::vector<ObservedPerson> people) {
    // Long enough for an incident to end for age, so that nothing joins it.
    driver.Play(absl::Minutes(6), people);
    return driver.opened();
  };
  EXPECT_EQ(settle({Normal(1, kInside), Normal(2)}), c.first);
  driver.Play(absl::Seconds(5), {Normal(1), Normal(2)});
  EXPECT_EQ(settle({Normal(1, kInside), Normal(2)}), c.again);
  EXPECT_EQ(settle({Normal(1, kInside), Normal(2, kInside)}), c.other);
  driver.Play(absl::Seconds(5), {Normal(1), Normal(2)});
  EXPECT_EQ(settle({Normal(1), Normal(2, kInside)}), c.emptied);
}

INSTANTIATE_TEST_SUITE_P(Policies, FireOnceTest,
                         ::testing::Values(FireOnceCase{FireOncePer::kTrack, 1, 1, 2, 2},
                                           FireOnceCase{FireOncePer::kVisit, 1, 2, 3, 4},
                                           FireOnceCase{FireOncePer::kZone, 1, 2, 2, 3}),
                         [](const auto& info) { return std::string(Name(info.param.per)); });

TEST(Cooldown, HoldsBackTheSameRuleForItsTime) {
  StreamDriver driver(Restricted(FireOncePer::kVisit, absl::Seconds(30)));
  driver.Play(absl::Seconds(2), {Normal(1, kInside)});
  driver.Play(absl::Seconds(5), {Normal(1)});
  driver.Play(absl::Seconds(5), {Normal(1, kInside)});
  EXPECT_EQ(driver.opened(), 1u);
  EXPECT_EQ(driver.Suppressed("cooldown"), 1);
  // It still holds when the cooldown ends.
  driver.Play(absl::Seconds(25), {Normal(1, kInside)});
  EXPECT_EQ(driver.opened(), 2u);
}

TEST(Cooldown, AHigherSeverityBreaksThrough) {
  Scene scene = Concealment();
  scene.rules[0].cooldown = absl::Minutes(5);
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(2), {Concealing(1, 0.86f)});
  driver.Play(absl::Seconds(5), {Normal(1)});
  driver.Play(absl::Seconds(2), {Concealing(2, 0.86f)});
  EXPECT_EQ(driver.opened(), 1u);
  driver.Play(absl::Seconds(2), {Concealing(2, 0.99f)});
  EXPECT_EQ(driver.opened(), 2u);
  EXPECT_EQ(driver.all().back().incident.severity, Severity::kCritical);
}

TEST(Cooldown, OfOneRuleDoesNotHoldBackAnother) {
  Scene scene = Restricted(FireOncePer::kVisit, absl::Minutes(5));
  scene.rules.push_back(MakeRule("hide", IncidentKind::kConcealment));
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(2), {Normal(1, kInside)});
  driver.Play(absl::Seconds(5), {Normal(1)});
  driver.Play(absl::Seconds(2), {Concealing(1)});
  EXPECT_EQ(driver.opened(), 2u);
}

TEST(Cooldown, DoesNotKeepARuleFromJoiningAnOpenIncident) {
  Scene scene = Restricted(FireOncePer::kVisit, absl::Minutes(5));
  scene.rules.push_back(MakeRule("hide", IncidentKind::kConcealment));
  StreamDriver driver(scene);
  driver.Play(absl::Seconds(2), {Normal(1, kInside)});
  driver.Play(absl::Seconds(5), {Normal(1)});
  driver.Play(absl::Seconds(2), {Concealing(1, 0.92f, kInside)});
  EXPECT_THAT(driver.all().back().incident.rule_ids, ElementsAre("hide", "staff"));
}

TEST(Blindness, AnIncidentOutlivesAPoseStageThatIsAwayForAMoment) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(2), {Concealing(1)});
  driver.Play(absl::Seconds(20), {}, {"pose"});
  EXPECT_EQ(driver.all().back().kind, TransitionKind::kUpdated);
  EXPECT_THAT(driver.all().back().incident.degraded, ElementsAre("pose"));
  // The tracker begins anew: other ids, and half a second until the risk is confirmed.
  driver.Play(absl::Seconds(2), {Concealing(9)});
  EXPECT_EQ(driver.opened(), 1u);
  driver.Play(absl::Seconds(5), {});
  EXPECT_EQ(driver.all().back().kind, TransitionKind::kClosed);
}

TEST(Blindness, EndsAnIncidentWhenItLasts) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(2), {Concealing(1)});
  driver.Play(absl::Seconds(40), {}, {"pose"});
  EXPECT_EQ(driver.all().back().kind, TransitionKind::kClosed);
}

TEST(StreamEnd, LeavesIncidentsOpenAndTheGaugeClean) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(2), {Concealing(1)});
  EXPECT_EQ(driver.Metric("open_incidents"), 1);
  driver.EndStream();
  EXPECT_EQ(driver.all().back().incident.open, true);
  EXPECT_EQ(driver.Metric("open_incidents"), 0);
}

class AdoptionTest : public ::testing::Test {
 protected:
  // What a former stream left behind.
  Incident LeftBehind() {
    StreamDriver former(Concealment());
    former.Play(absl::Seconds(2), {Concealing(3)});
    return former.all().back().incident;
  }
};

TEST_F(AdoptionTest, GoesOnWithFollowingNumbers) {
  const Incident left = LeftBehind();
  StreamDriver driver(Concealment(), {}, {left});
  driver.Skip(absl::Seconds(4));
  driver.Play(absl::Seconds(2), {Concealing(1)});
  driver.Play(absl::Seconds(5), {});
  EXPECT_EQ(driver.opened(), 0u);
  ASSERT_THAT(Kinds(driver.all()), ElementsAre(TransitionKind::kUpdated, TransitionKind::kClosed));
  EXPECT_EQ(driver.all()[0].incident.id, left.id);
  EXPECT_EQ(driver.all()[0].incident.transition_number, left.transition_number + 1);
  EXPECT_EQ(driver.all()[1].incident.transition_number, left.transition_number + 2);
  EXPECT_EQ(driver.all()[1].incident.opened_time, left.opened_time);
  EXPECT_THAT(driver.all()[1].incident.tracks, SizeIs(2));
}

TEST_F(AdoptionTest, IsClosedWhereNothingGoesOn) {
  StreamDriver driver(Concealment(), {}, {LeftBehind()});
  EXPECT_EQ(driver.Metric("open_incidents"), 1);
  EXPECT_THAT(driver.Play(absl::Seconds(3), {Normal(1)}), IsEmpty());
  EXPECT_THAT(Kinds(driver.Play(absl::Seconds(1), {Normal(1)})),
              ElementsAre(TransitionKind::kClosed));
  EXPECT_EQ(driver.Metric("open_incidents"), 0);
}

TEST_F(AdoptionTest, TrackIdsOfTheFormerStreamSayNothingOfTheNewOnes) {
  // Track 3 of the new stream is somebody else and may fire by themselves.
  StreamDriver driver(Concealment(), {}, {LeftBehind()});
  driver.Play(absl::Seconds(6), {Normal(3)});
  driver.Skip(absl::Seconds(20));
  driver.Play(absl::Seconds(2), {Concealing(3)});
  EXPECT_EQ(driver.opened(), 1u);
}

TEST_F(AdoptionTest, EscalatesByItsWholeAge) {
  Scene scene = Restricted();
  scene.rules[0].escalate_after = absl::Seconds(60);
  StreamDriver former(scene);
  former.Play(absl::Seconds(2), {Normal(1, kInside)});
  StreamDriver driver(scene, {}, {former.all().back().incident});
  driver.Skip(absl::Seconds(62));
  driver.Play(absl::Seconds(1), {Normal(1, kInside)});
  ASSERT_THAT(driver.all(), SizeIs(testing::Ge(1u)));
  EXPECT_EQ(driver.all()[0].incident.severity, Severity::kCritical);
}

TEST_F(AdoptionTest, IgnoresClosedAndRepeatedOnes) {
  Incident left = LeftBehind();
  Incident closed = left;
  closed.id = "closed";
  closed.open = false;
  StreamDriver driver(Concealment(), {}, {left, left, closed});
  driver.Play(absl::Seconds(10), {});
  ASSERT_THAT(driver.all(), SizeIs(1));
  EXPECT_EQ(driver.all()[0].incident.id, left.id);
}

TEST(IncidentMetrics, CountTransitionsByKindAndSeverity) {
  StreamDriver driver(Concealment());
  driver.Play(absl::Seconds(2), {Concealing(1, 0.86f)});
  driver.Play(absl::Seconds(5), {});
  EXPECT_EQ(
      driver.Metric("transitions_total",
                    {{"transition", "opened"}, {"kind", "concealment"}, {"severity", "warning"}}),
      1);
  EXPECT_EQ(
      driver.Metric("transitions_total",
                    {{"transition", "closed"}, {"kind", "concealment"}, {"severity", "warning"}}),
      1);
  EXPECT_EQ(driver.Metric("people_total"), 20);
}

}  // namespace
}  // namespace aislewatch::fusion
