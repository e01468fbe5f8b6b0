// Looks and stays of simulated people, told by fusion from where their joints truly are: the rules
// of docs/insights.md by themselves. Not its bounds of what a cluster reaches, but what no change
// may fall short of.
#include <algorithm>
#include <string>
#include <vector>

#include "common/base/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/core/fusion_stream.h"
#include "simulator/attention_scoring.h"
#include "simulator/simulation.h"
#include "simulator/true_poses.h"

namespace aislewatch {
namespace {

std::vector<Zone> ZonesOf(const simulator::SceneTruth& scene) {
  std::vector<Zone> zones;
  for (const simulator::TruthZone& zone : scene.zones) {
    const auto name = std::find(kZoneKindNames.begin(), kZoneKindNames.end(), zone.kind);
    zones.push_back(
        {zone.id, "", static_cast<ZoneKind>(name - kZoneKindNames.begin()), zone.polygon});
  }
  return zones;
}

// A minute of one corridor, its joints moved by noise.
simulator::AttentionScores Watch(uint64_t seed, float noise_px) {
  const auto scenario = simulator::FindScenario("storefront").value();
  simulator::SimulationOptions simulated;
  simulated.seed = seed;
  simulated.people_per_minute = 20;
  simulated.mix = scenario.mix;
  simulated.storefronts = scenario.storefronts;
  simulated.clean = true;
  const auto simulation = simulator::Simulation::Create(simulated).value();
  simulator::TruePoses poses(noise_px, simulated.size, seed);

  FakeMetrics metrics;
  fusion::FusionMetrics fusion_metrics(metrics);
  fusion::FusionStream::Options options;
  options.scene.zones = ZonesOf(simulation->scene());
  options.new_id = [] { return std::string("visit"); };
  fusion::FusionStream stream(std::move(options), fusion_metrics);

  std::vector<simulator::FoundVisit> found;
  const auto judge = [&](const fusion::Observation& observation) {
    for (const fusion::Visit& visit : stream.Judge(observation).visits) {
      found.push_back({visit.track_id, visit.zone_id, absl::ToDoubleSeconds(visit.looking_time),
                       absl::ToDoubleSeconds(visit.dwell), visit.looked, visit.entered,
                       visit.looked_before_entering});
    }
  };
  fusion::Observation observation;
  observation.frame = simulated.size;
  while (const auto frame = simulation->Next()) {
    observation.capture_time = absl::UnixEpoch() + absl::Seconds(frame->truth.time_s);
    observation.people.clear();
    for (const TrackedPerson& person : poses.Of(frame->truth)) {
      observation.people.push_back({person});
    }
    judge(observation);
  }
  observation.last = true;
  judge(observation);
  return simulator::ScoreAttention(simulation->visits(), found);
}

TEST(AttentionTest, LooksAndStaysOfTrueJointsAreFound) {
  simulator::AttentionScores scores;
  for (const uint64_t seed : {11, 12, 13}) scores.Add(Watch(seed, 1.5f));
  ASSERT_GE(scores.looked.hits + scores.looked.misses, 30);
  EXPECT_GE(scores.looked.recall(), 0.93);
  EXPECT_GE(scores.looked.precision(), 0.7);
  EXPECT_GE(scores.entered.recall(), 0.95);
  EXPECT_GE(scores.entered.precision(), 0.85);
  EXPECT_NEAR(scores.looking.found_s / scores.looking.truth_s, 1, 0.25);
  // Of people a step too far away for the truth.
  EXPECT_LE(scores.strangers, 3);
}

TEST(AttentionTest, HeadsThatAreAllNoiseTellLittle) {
  const auto sure = Watch(11, 1.5f), unsure = Watch(11, 12);
  EXPECT_LT(unsure.looking.found_s, 0.7 * sure.looking.found_s);
}

}  // namespace
}  // namespace aislewatch
