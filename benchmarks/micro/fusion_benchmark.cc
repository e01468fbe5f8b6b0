// What one observation costs in fusion's core: every kind of rule, four zones, N people of whom one
// hides something. Without a pose anomaly model, whose time is its own; what it costs to look for fights
// among N people who stand in rows of ten is ScorePairs.
//
//   build/release/bin/bench-fusion
#include <benchmark/benchmark.h>

#include "common/base/ids.h"
#include "common/base/metrics.h"
#include "models/pose_fighting/pair_features.h"
#include "models/pose_fighting/pair_scorer.h"
#include "services/fusion/core/fusion_stream.h"

namespace aislewatch::fusion {
namespace {

Zone Quarter(std::string id, ZoneKind kind, float left, float top) {
  return {std::move(id),
          "",
          kind,
          {{left, top}, {left + 0.5f, top}, {left + 0.5f, top + 0.5f}, {left, top + 0.5f}}};
}

Scene Shop() {
  Scene scene;
  scene.zones = {Quarter("shelf", ZoneKind::kShelf, 0, 0),
                 Quarter("till", ZoneKind::kCheckout, 0.5f, 0),
                 Quarter("door", ZoneKind::kExit, 0, 0.5f),
                 Quarter("room", ZoneKind::kRestricted, 0.5f, 0.5f)};
  for (int kind = 1; kind <= 6; ++kind) {
    Rule rule = DefaultRule(static_cast<IncidentKind>(kind));
    rule.id = std::string(Name(rule.kind));
    scene.rules.push_back(std::move(rule));
  }
  return scene;
}

void JudgeObservation(benchmark::State& state) {
  FakeMetrics metrics;
  FusionMetrics fusion_metrics(metrics);
  FusionStream::Options options;
  options.scene = Shop();
  options.new_id = NewUuid;
  FusionStream stream(std::move(options), fusion_metrics);
  Observation observation;
  observation.frame = {640, 360};
  for (int64_t i = 0; i < state.range(0); ++i) {
    ObservedPerson person;
    person.tracked.track_id = static_cast<uint64_t>(i + 1);
    const float x = static_cast<float>(i) / static_cast<float>(state.range(0));
    person.tracked.person.box = {x, 0.3f, 0.05f, 0.4f};
    person.clip.emplace();
    person.clip->shoplifting = i == 0 ? 0.95f : 0.1f;
    observation.people.push_back(person);
  }
  absl::Time now = absl::FromUnixSeconds(1700000000);
  for (auto _ : state) {
    observation.capture_time = now += absl::Milliseconds(100);
    benchmark::DoNotOptimize(stream.Judge(observation));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(JudgeObservation)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

// Somebody who stands with hips at `x`, `y`, all joints shown.
PersonPose Standing(uint64_t track_id, float x, float y) {
  PersonPose person{track_id};
  for (size_t j = 0; j < person.pose.size(); ++j) {
    const float height = j < 5 ? 0.15f : j < 11 ? 0.1f : j < 13 ? 0 : -0.1f;
    person.pose[j] = {x + (j % 2 == 0 ? 0.01f : -0.01f), y - height, 0.9f};
  }
  return person;
}

void ScorePairs(benchmark::State& state) {
  constexpr size_t kFeatures = pose_fighting::kPairFeatureCount;
  const std::vector<float> ones(kFeatures, 1.0f);
  const auto scorer = pose_fighting::NewPairScorer(
      {std::vector<float>(kFeatures, 0.0f), ones, ones, 0}, {"benchmark", "1"});
  const auto tracks = scorer->NewTracks();
  std::vector<PersonPose> people;
  for (int64_t i = 0; i < state.range(0); ++i) {
    people.push_back(Standing(static_cast<uint64_t>(i + 1), 0.1f * static_cast<float>(i % 10),
                              0.3f + 0.001f * static_cast<float>(i / 10)));
  }
  absl::Time now = absl::FromUnixSeconds(1700000000);
  for (auto _ : state) {
    now += absl::Milliseconds(100);
    benchmark::DoNotOptimize(tracks->Push({now, {640, 360}, people}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ScorePairs)->Arg(1)->Arg(2)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace aislewatch::fusion
