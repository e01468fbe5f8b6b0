#include "services/fusion/core/fusion_stream.h"

#include <limits>
#include <map>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Every kind of rule over every kind of zone.
Scene Everything() {
  Scene scene;
  scene.zones = {Rectangle("shelf", ZoneKind::kShelf, 0, 0, 0.5f, 0.5f),
                 Rectangle("till", ZoneKind::kCheckout, 0.5f, 0, 1, 0.5f),
                 Rectangle("door", ZoneKind::kExit, 0, 0.5f, 0.5f, 1),
                 Rectangle("room", ZoneKind::kRestricted, 0.5f, 0.5f, 1, 1)};
  for (size_t kind = 1; kind <= 7; ++kind) {
    Rule rule = MakeRule(absl::StrCat("rule-", kind), static_cast<IncidentKind>(kind));
    rule.min_duration = std::min(rule.min_duration, absl::Seconds(2));
    if (rule.min_people > 0) rule.min_people = 3;
    scene.rules.push_back(rule);
  }
  return scene;
}

TEST(FusionStream, AnswersEveryPersonInOrder) {
  StreamDriver driver(Everything());
  Judgement judgement;
  for (int i = 0; i < 11; ++i) {
    judgement = driver.Frame({Person(5, {0.2f, 0.2f}, 0.9f), Concealing(2, 0.7f, {0.8f, 0.2f})});
  }
  ASSERT_THAT(judgement.people, SizeIs(2));
  EXPECT_EQ(judgement.people[0].track_id, 5u);
  EXPECT_FLOAT_EQ(*judgement.people[0].pose_anomaly, 0.9f);
  EXPECT_FALSE(judgement.people[0].shoplifting.has_value());
  EXPECT_THAT(judgement.people[0].zone_ids, ElementsAre("shelf"));
  EXPECT_EQ(judgement.people[0].dwell, absl::Seconds(1));
  EXPECT_FLOAT_EQ(*judgement.people[1].shoplifting, 0.7f);
  EXPECT_THAT(judgement.people[1].zone_ids, ElementsAre("till"));
}

TEST(FusionStream, PoseAnomalyIsMissingDuringTheWarmUp) {
  StreamDriver driver(Everything());
  EXPECT_FALSE(driver.Frame({Person(1)}).people[0].pose_anomaly.has_value());
  EXPECT_FALSE(driver.Frame({Person(1)}).people[0].pose_anomaly.has_value());
  EXPECT_TRUE(driver.Frame({Person(1)}).people[0].pose_anomaly.has_value());
}

TEST(FusionStream, ThePosesOfTwoTipWhatTheClassifierSaysOfAFight) {
  const auto fights = [](float pair) {
    StreamDriver driver({{}, {MakeRule("fight", IncidentKind::kFight)}});
    std::vector<ObservedPerson> people;
    for (const uint64_t id : {1, 2}) {
      const float x = 0.4f + 0.1f * static_cast<float>(id);
      people.push_back(Beside(Doing(Person(id, {x, 0.5f}), Action::kFighting, 0.8f), pair));
    }
    return driver.Play(absl::Seconds(2), people);
  };
  EXPECT_THAT(fights(0.2f), IsEmpty());
  EXPECT_THAT(fights(0), IsEmpty());  // each of them alone
  const std::vector<Transition> seen = fights(0.8f);
  ASSERT_FALSE(seen.empty());
  const Incident& incident = seen.front().incident;
  EXPECT_EQ(incident.kind, IncidentKind::kFight);
  const auto part = std::find_if(incident.parts.begin(), incident.parts.end(),
                                 [](const RiskPart& p) { return p.name == "pose_fighting"; });
  ASSERT_NE(part, incident.parts.end());
  EXPECT_FLOAT_EQ(part->value, 0.8f);
  EXPECT_TRUE(std::any_of(incident.models.begin(), incident.models.end(),
                          [](const ModelInfo& model) { return model.name == "fake-fighting"; }));
}

TEST(FusionStream, AFrameThatAddsNoTimeKeepsWhatWasKnownOfPairs) {
  StreamDriver driver(Everything());
  driver.Frame({Beside(Person(1), 0.8f)});
  driver.set_step(absl::ZeroDuration());
  const Judgement again = driver.Frame({Beside(Person(1), 0.2f)});
  const Risk& risk = again.people[0].fight;
  EXPECT_GT(risk.value, RiskModel{RiskWeights()}.Fight({}).value);
}

TEST(FusionStream, OfTwoPeopleWithOneIdTheFirstCounts) {
  StreamDriver driver(Everything());
  const Judgement judgement =
      driver.Frame({Person(1, {0.2f, 0.2f}), Concealing(1, 0.99f, {0.8f, 0.8f})});
  ASSERT_THAT(judgement.people, SizeIs(2));
  EXPECT_THAT(judgement.people[1].zone_ids, ElementsAre("shelf"));
  EXPECT_FALSE(judgement.people[1].shoplifting.has_value());
}

TEST(FusionStream, WorksWithoutAPoseModel) {
  FakeMetrics metrics;
  FusionMetrics fusion_metrics(metrics);
  FusionStream::Options options;
  options.scene = Everything();
  options.new_id = [] { return "id"; };
  FusionStream stream(options, fusion_metrics);
  Observation observation;
  observation.capture_time = absl::UnixEpoch();
  observation.people = {Person(1)};
  EXPECT_FALSE(stream.Judge(observation).people[0].pose_anomaly.has_value());
  EXPECT_EQ(stream.model().name, "");
}

TEST(FusionStream, AThousandPeopleStayingForAMinuteAreJudged) {
  StreamDriver driver(Everything());
  std::vector<ObservedPerson> crowd;
  for (uint64_t id = 1; id <= 1000; ++id) {
    crowd.push_back(Concealing(id, 0.95f, {static_cast<float>(id) / 1000, 0.7f}));
  }
  for (int i = 0; i < 60; ++i) EXPECT_THAT(driver.Frame(crowd).people, SizeIs(1000));
  // Shoulder to shoulder all are one scene, but an incident lists no more than max_tracks of them,
  // and who is not listed draws no neighbour in.
  EXPECT_LE(driver.opened(), 1000 / IncidentPolicy().max_tracks);
  EXPECT_THAT(driver.all().front().incident.tracks, SizeIs(IncidentPolicy().max_tracks));
}

TEST(FusionStream, SurvivesNumbersThatAreNoNumbers) {
  StreamDriver driver(Everything());
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (float bad : {kNan, kInf, -kInf, 1e30f, -1e30f}) {
    ObservedPerson person = Concealing(1, bad);
    person.tracked.person.box = {bad, bad, bad, bad};
    for (Keypoint& joint : person.tracked.person.keypoints) joint = {bad, bad, bad};
    person = LookedAt(person, {Seeing("knife", bad, true)});
    Observation observation;
    observation.frame = {0, -5};
    observation.people = {person};
    for (absl::Time time : {absl::InfiniteFuture(), absl::InfinitePast(), absl::UnixEpoch(),
                            absl::FromUnixSeconds(1LL << 60)}) {
      observation.capture_time = time;
      const Judgement judgement = driver.Judge(observation);
      ASSERT_THAT(judgement.people, SizeIs(1));
      EXPECT_GE(judgement.people[0].greatest().value, 0);
      EXPECT_LE(judgement.people[0].greatest().value, 1);
    }
  }
}

// Observations that no camera would send, repeatable by seed.
class Chaos {
 public:
  explicit Chaos(uint32_t seed) : random_(seed) {}

  Observation Next() {
    Observation observation;
    now_ += Step();
    observation.capture_time = now_;
    observation.frame = {640, 360};
    const int people = Below(6);
    for (int i = 0; i < people; ++i) observation.people.push_back(AnyPerson());
    if (Below(20) == 0) observation.degraded = {"pose"};
    if (Below(20) == 0) observation.degraded.push_back("classifier");
    return observation;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  float Unit() { return static_cast<float>(Below(1000)) / 999; }

  absl::Duration Step() {
    switch (Below(60)) {
      case 0:
        return -absl::Seconds(Below(1000));
      case 1:
        return absl::Seconds(Below(1000));
      case 2:
        return absl::ZeroDuration();
      case 3:
        return absl::Seconds(5);
      default:
        return absl::Milliseconds(100);
    }
  }

  ObservedPerson AnyPerson() {
    const auto id = static_cast<uint64_t>(1 + Below(5));
    // Whole seconds of the same behaviour, or nothing would ever be confirmed.
    if (Below(10) == 0) mood_[id] = Below(5);
    const NormalizedPoint foot{0.25f + 0.5f * static_cast<float>(mood_[id] % 2),
                               0.25f + 0.5f * static_cast<float>(mood_[id] / 2 % 2)};
    switch (mood_[id]) {
      case 0:
        return Doing(Person(id, foot, Unit()), Action::kFighting, 0.95f);
      case 1:
        return Concealing(id, 0.8f + 0.2f * Unit(), foot);
      case 2:
        return Doing(Person(id, foot), Action::kTaking, 0.9f);
      case 3:
        return LookedAt(Person(id, foot), {Seeing("knife", Unit(), Below(4) > 0)});
      default:
        return Person(id, foot, std::numeric_limits<float>::quiet_NaN());
    }
  }

  std::mt19937 random_;
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
  std::map<uint64_t, int> mood_;
};

// Follows transitions and fails on any step that no incident may take.
class LifeChecker {
 public:
  explicit LifeChecker(const std::vector<Incident>& adopted) {
    for (const Incident& incident : adopted) last_[incident.id] = incident;
  }

  void Check(const Transition& transition) {
    const Incident& incident = transition.incident;
    ASSERT_EQ(closed_.count(incident.id), 0u) << "a step after the last";
    const auto it = last_.find(incident.id);
    if (transition.kind == TransitionKind::kOpened) {
      ASSERT_EQ(it, last_.end()) << "opened twice";
      ASSERT_EQ(incident.transition_number, 1u);
    } else {
      ASSERT_NE(it, last_.end()) << "never opened";
      ASSERT_EQ(incident.transition_number, it->second.transition_number + 1);
      ASSERT_GE(incident.severity, it->second.severity);
      ASSERT_GE(incident.peak_risk, it->second.peak_risk);
      ASSERT_GE(incident.updated_time, it->second.updated_time);
      ASSERT_GE(incident.tracks.size(), it->second.tracks.size());
    }
    ASSERT_EQ(incident.open, transition.kind != TransitionKind::kClosed);
    ASSERT_NE(incident.kind, IncidentKind::kUnspecified);
    ASSERT_FALSE(incident.rule_ids.empty());
    ASSERT_FALSE(incident.tracks.empty());
    ASSERT_LE(incident.opened_time, incident.updated_time);
    ASSERT_LE(incident.updated_time, transition.time);
    std::set<uint64_t> ids;
    for (const IncidentTrack& track : incident.tracks) {
      ASSERT_TRUE(ids.insert(track.track_id).second) << "a track twice";
      ASSERT_LE(track.first_time, track.last_time);
      ASSERT_LE(track.peak_risk, incident.peak_risk);
    }
    if (!incident.open) {
      ASSERT_GE(incident.closed_time, incident.updated_time);
      closed_.insert(incident.id);
    }
    last_[incident.id] = incident;
  }

  size_t closed() const { return closed_.size(); }

 private:
  std::map<std::string, Incident> last_;
  std::set<std::string> closed_;
};

TEST(FusionStreamProperty, NoSequenceOfObservationsLeadsToAnInvalidLife) {
  size_t closed = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    FusionSettings settings;
    if (seed % 2 == 1) settings.incidents.join = JoinPolicy::kRule;
    if (seed % 3 == 1) settings.incidents.max_open = absl::Seconds(10);
    Scene scene = Everything();
    for (Rule& rule : scene.rules) {
      rule.fire_once_per = static_cast<FireOncePer>(1 + (seed + rule.id.back()) % 3);
      if (seed % 4 == 0) rule.cooldown = absl::ZeroDuration();
      if (seed % 5 == 0) rule.escalate_after = absl::Seconds(3);
    }
    StreamDriver former(scene, settings);
    Chaos chaos(seed);
    std::map<std::string, Incident> open;
    LifeChecker first({});
    for (int i = 0; i < 400; ++i) {
      for (const Transition& transition : former.Judge(chaos.Next()).transitions) {
        first.Check(transition);
        if (HasFatalFailure()) return;
        open.erase(transition.incident.id);
        if (transition.incident.open) open[transition.incident.id] = transition.incident;
      }
    }
    EXPECT_EQ(former.Metric("open_incidents"), static_cast<double>(open.size()));
    // Another replica takes over.
    std::vector<Incident> adopted;
    for (auto& [id, incident] : open) {
      incident.id = "adopted-" + id;
      adopted.push_back(incident);
    }
    StreamDriver driver(scene, settings, adopted);
    LifeChecker second(adopted);
    for (int i = 0; i < 400; ++i) {
      for (const Transition& transition : driver.Judge(chaos.Next()).transitions) {
        second.Check(transition);
        if (HasFatalFailure()) return;
      }
    }
    closed += first.closed() + second.closed();
  }
  EXPECT_GT(closed, 200u) << "the sequences raise too little to say anything";
}

TEST(FusionStreamProperty, TheSameObservationsGiveTheSameAnswers) {
  std::vector<std::string> runs;
  for (int run = 0; run < 2; ++run) {
    StreamDriver driver(Everything());
    Chaos chaos(7);
    std::string log;
    for (int i = 0; i < 500; ++i) {
      const Judgement judgement = driver.Judge(chaos.Next());
      for (const Transition& t : judgement.transitions) {
        absl::StrAppend(&log, t.incident.id, "/", t.incident.transition_number, "@",
                        absl::FormatTime(t.time), " ", t.incident.peak_risk, "\n");
      }
      for (const PersonRisk& person : judgement.people) absl::StrAppend(&log, person.greatest().value);
    }
    runs.push_back(log);
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace aislewatch::fusion
