#include "services/fusion/core/rehearsal.h"

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Zone kBackRoom = Rectangle("back-room", ZoneKind::kRestricted, 0.7f, 0, 1, 1);
const Zone kShelf = Rectangle("shelf", ZoneKind::kShelf, 0, 0, 0.4f, 1);
const Zone kTill = Rectangle("till", ZoneKind::kCheckout, 0.4f, 0, 0.55f, 1);
const Zone kDoor = Rectangle("door", ZoneKind::kExit, 0.55f, 0, 0.7f, 1);

Rule LoiteringAfter(absl::Duration after) {
  Rule rule = MakeRule("loiter", IncidentKind::kLoitering);
  rule.min_duration = after;
  return rule;
}

// One rule of each kind, quick enough for a scenario of a minute or two.
Scene WholeShop() {
  Rule crowd = MakeRule("crowd", IncidentKind::kCrowd);
  crowd.min_people = 3;
  crowd.min_duration = absl::Seconds(2);
  crowd.cooldown = absl::Seconds(5);
  return {{kBackRoom, kShelf, kTill, kDoor},
          {MakeRule("hide", IncidentKind::kConcealment), MakeRule("fight", IncidentKind::kFight),
           LoiteringAfter(absl::Seconds(10)), MakeRule("staff", IncidentKind::kRestrictedZone),
           MakeRule("unpaid", IncidentKind::kCheckoutBypass), crowd,
           MakeRule("armed", IncidentKind::kWeapon)}};
}

// A minute or two of a shop: people come, wander, do things and go; stages fail now and then.
std::vector<Observation> Scenario(uint32_t seed) {
  std::mt19937 random(seed);
  const auto chance = [&random](double p) { return std::bernoulli_distribution(p)(random); };
  const auto between = [&random](float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(random);
  };
  struct Shopper {
    uint64_t id;
    NormalizedPoint foot;
    int action = 0;
    float anomaly = 0.5f;
    float fight = 0;
    bool armed = false;
  };
  std::vector<Shopper> shoppers;
  std::vector<Observation> observations;
  uint64_t ids = 0;
  absl::Time now = absl::FromUnixSeconds(1700000000);
  for (int i = 0; i < 1500; ++i) {
    now += absl::Milliseconds(chance(0.02) ? 700 : 100);
    if (shoppers.size() < 5 && chance(0.03)) {
      shoppers.push_back({++ids, {between(0, 1), 0.5f}});
    }
    if (!shoppers.empty() && chance(0.01)) shoppers.erase(shoppers.begin());
    Observation observation;
    observation.capture_time = now;
    observation.frame = {640, 360};
    observation.models = {{"movenet", "1"}};
    if (chance(0.02)) observation.degraded = {"classifier"};
    if (chance(0.01)) {
      observation.degraded = {"pose"};
      observations.push_back(observation);
      continue;
    }
    for (Shopper& shopper : shoppers) {
      shopper.foot.x = std::clamp(shopper.foot.x + between(-0.02f, 0.02f), 0.0f, 1.0f);
      if (chance(0.03)) shopper.action = static_cast<int>(between(0, kActionCount - 0.01f));
      if (chance(0.03)) shopper.anomaly = between(0, 1);
      if (chance(0.03)) shopper.fight = chance(0.5) ? 0 : between(0, 1);
      if (chance(0.02)) shopper.armed = !shopper.armed;
      ObservedPerson person =
          Beside(Person(shopper.id, shopper.foot, shopper.anomaly), shopper.fight);
      if (observation.degraded.empty() && chance(0.95)) {
        person = Doing(person, static_cast<Action>(shopper.action), between(0.6f, 0.98f));
      }
      if (i % 3 == 0) {
        person = LookedAt(person, {Seeing(shopper.armed ? "knife" : "phone", 0.8f, shopper.armed)});
      }
      observation.people.push_back(person);
    }
    observations.push_back(observation);
  }
  return observations;
}

// What a person would say of an incident.
struct Gist {
  std::vector<std::string> rules;
  IncidentKind kind;
  Severity severity;
  bool open;
  absl::Time opened;
  absl::Time closed;
  float peak;
  std::vector<uint64_t> tracks;
  std::vector<std::string> zones;

  bool operator==(const Gist&) const = default;
};

Gist GistOf(const Incident& incident) {
  Gist gist{incident.rule_ids,    incident.kind,     incident.severity,  incident.open,
            incident.opened_time, absl::UnixEpoch(), incident.peak_risk, {},
            incident.zone_ids};
  if (!incident.open) gist.closed = incident.closed_time;
  for (const IncidentTrack& track : incident.tracks) gist.tracks.push_back(track.track_id);
  return gist;
}

// By rule, newest first.
using ByRule = std::map<std::string, std::vector<Gist>>;

ByRule Played(const std::vector<Transition>& transitions) {
  std::map<std::string, Incident> last;
  for (const Transition& transition : transitions) {
    last[transition.incident.id] = transition.incident;
  }
  std::vector<Incident> incidents;
  for (const auto& [id, incident] : last) incidents.push_back(incident);
  std::stable_sort(incidents.begin(), incidents.end(), [](const Incident& a, const Incident& b) {
    return a.opened_time > b.opened_time;
  });
  ByRule by_rule;
  for (const Incident& incident : incidents) {
    for (const std::string& rule : incident.rule_ids) by_rule[rule].push_back(GistOf(incident));
  }
  return by_rule;
}

ByRule Rehearsed(const Scene& scene, const std::vector<JudgedFrame>& frames) {
  Rehearsal rehearsal({{}, scene, 1000});
  for (const JudgedFrame& frame : frames) rehearsal.Play(frame);
  ByRule by_rule;
  for (const RuleOutcome& outcome : rehearsal.Outcomes()) {
    EXPECT_EQ(outcome.incidents, outcome.examples.size());
    for (const Incident& incident : outcome.examples) {
      by_rule[outcome.rule_id].push_back(GistOf(incident));
    }
  }
  return by_rule;
}

size_t Sum(const ByRule& by_rule) {
  size_t sum = 0;
  for (const auto& [rule, incidents] : by_rule) sum += incidents.size();
  return sum;
}

class RehearsalOfAScenario : public testing::TestWithParam<uint32_t> {};

TEST_P(RehearsalOfAScenario, RaisesWhatTheStreamRaised) {
  // With other zones and rules than those to be tried: what is tried does not depend on them.
  StreamDriver recorder(Scene{});
  StreamDriver live(WholeShop());
  std::vector<JudgedFrame> frames;
  for (const Observation& observation : Scenario(GetParam())) {
    live.Judge(observation);
    frames.push_back(recorder.Judge(observation).judged);
  }
  const ByRule played = Played(live.all());
  EXPECT_GT(Sum(played), 5u) << "the scenario shows too little";
  EXPECT_EQ(Rehearsed(WholeShop(), frames), played);
}

TEST_P(RehearsalOfAScenario, GoesOnWithIncidentsThatAStreamLeftOpen) {
  StreamDriver first(WholeShop());
  std::vector<JudgedFrame> frames;
  const std::vector<Observation> observations = Scenario(GetParam());
  const size_t half = observations.size() / 2;
  for (size_t i = 0; i < half; ++i) frames.push_back(first.Judge(observations[i]).judged);
  // Both drivers number their incidents from 1.
  std::vector<Transition> all = first.all();
  std::map<std::string, Incident> left;
  for (Transition& transition : all) {
    transition.incident.id += " of the first";
    left[transition.incident.id] = transition.incident;
  }
  std::vector<Incident> handed_over;
  for (auto& [id, incident] : left) handed_over.push_back(incident);
  StreamDriver second(WholeShop(), {}, handed_over);
  for (size_t i = half; i < observations.size(); ++i) {
    frames.push_back(second.Judge(observations[i]).judged);
  }
  all.insert(all.end(), second.all().begin(), second.all().end());
  EXPECT_TRUE(frames[half].first);
  const ByRule played = Played(all);
  EXPECT_GT(Sum(played), 0u);
  EXPECT_EQ(Rehearsed(WholeShop(), frames), played);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RehearsalOfAScenario, testing::Range(1u, 9u));

// Frames of somebody who stands at `foot` for so long, after the ones there are.
void Stand(std::vector<JudgedFrame>& frames, uint64_t id, NormalizedPoint foot,
           absl::Duration duration) {
  const absl::Time from =
      frames.empty() ? absl::FromUnixSeconds(1700000000) : frames.back().capture_time;
  for (absl::Duration t = absl::Milliseconds(100); t <= duration; t += absl::Milliseconds(100)) {
    JudgedFrame frame{.capture_time = from + t, .frame = {640, 360}};
    if (id != 0) {
      JudgedPerson person;
      person.track_id = id;
      person.box = {foot.x - 0.05f, foot.y - 0.4f, 0.1f, 0.4f};
      person.foot = foot;
      frame.people.push_back(person);
    }
    frames.push_back(frame);
  }
}

TEST(Rehearsal, AStricterRuleFiresLess) {
  std::vector<JudgedFrame> frames;
  for (uint64_t id = 1; id <= 6; ++id) {
    Stand(frames, id, {0.5f, 0.5f}, absl::Seconds(10 * id));
    Stand(frames, 0, {}, absl::Seconds(30));
  }
  size_t before = 7;
  for (const int seconds : {5, 25, 45, 65}) {
    Rule rule = LoiteringAfter(absl::Seconds(seconds));
    rule.cooldown = absl::ZeroDuration();
    const size_t now = Sum(Rehearsed({{}, {rule}}, frames));
    EXPECT_LT(now, before) << seconds;
    before = now;
  }
  EXPECT_EQ(before, 0u);
}

TEST(Rehearsal, ZonesThatWereNotThereRaiseThePersonWhoStoodInThem) {
  std::vector<JudgedFrame> frames;
  Stand(frames, 1, {0.9f, 0.5f}, absl::Seconds(5));
  Stand(frames, 0, {}, absl::Seconds(10));
  const Rule staff = MakeRule("staff", IncidentKind::kRestrictedZone);
  EXPECT_THAT(Rehearsed({{}, {staff}}, frames), IsEmpty());
  const ByRule with = Rehearsed({{kBackRoom}, {staff}}, frames);
  ASSERT_THAT(with.at("staff"), SizeIs(1));
  EXPECT_THAT(with.at("staff")[0].zones, ElementsAre("back-room"));
  EXPECT_FALSE(with.at("staff")[0].open);
}

TEST(Rehearsal, KeepsTheNewestExamplesAndCountsAll) {
  std::vector<JudgedFrame> frames;
  for (uint64_t id = 1; id <= 5; ++id) {
    Stand(frames, id, {0.9f, 0.5f}, absl::Seconds(5));
    Stand(frames, 0, {}, absl::Minutes(1));
  }
  Stand(frames, 6, {0.9f, 0.5f}, absl::Seconds(5));
  Rehearsal rehearsal({{}, {{kBackRoom}, {MakeRule("staff", IncidentKind::kRestrictedZone)}}, 2});
  for (const JudgedFrame& frame : frames) rehearsal.Play(frame);
  const std::vector<RuleOutcome> outcomes = rehearsal.Outcomes();
  ASSERT_THAT(outcomes, SizeIs(1));
  EXPECT_EQ(outcomes[0].rule_id, "staff");
  EXPECT_EQ(outcomes[0].incidents, 6u);
  ASSERT_THAT(outcomes[0].examples, SizeIs(2));
  EXPECT_TRUE(outcomes[0].examples[0].open) << "the last one is still there";
  EXPECT_EQ(outcomes[0].examples[0].tracks[0].track_id, 6u);
  EXPECT_EQ(outcomes[0].examples[1].tracks[0].track_id, 5u);
  EXPECT_EQ(outcomes[0].examples[0].id, "");
}

TEST(Rehearsal, ATrackIdOfAnotherStreamIsAnotherPerson) {
  std::vector<JudgedFrame> frames;
  Stand(frames, 1, {0.5f, 0.5f}, absl::Seconds(8));
  const size_t begin = frames.size();
  Stand(frames, 1, {0.5f, 0.5f}, absl::Seconds(8));
  EXPECT_EQ(Sum(Rehearsed({{}, {LoiteringAfter(absl::Seconds(10))}}, frames)), 1u);
  frames[begin].first = true;
  EXPECT_EQ(Sum(Rehearsed({{}, {LoiteringAfter(absl::Seconds(10))}}, frames)), 0u);
}

TEST(Rehearsal, ARuleThatNothingBreaksIsNamedWithNothing) {
  const Rehearsal rehearsal({{}, {{}, {MakeRule("hide", IncidentKind::kConcealment)}}, 2});
  const std::vector<RuleOutcome> outcomes = rehearsal.Outcomes();
  ASSERT_THAT(outcomes, SizeIs(1));
  EXPECT_EQ(outcomes[0].rule_id, "hide");
  EXPECT_EQ(outcomes[0].incidents, 0u);
}

}  // namespace
}  // namespace aislewatch::fusion
