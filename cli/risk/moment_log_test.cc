#include "cli/risk/moment_log.h"

#include "cli/risk/simulated_episodes.h"
#include "common/rpc/convert.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

void AddPart(v1::KindRisk& kind, const char* name, float value) {
  v1::RiskPart& part = *kind.add_parts();
  part.set_name(name);
  part.set_value(value);
}

v1::FrameVerdict VerdictOf(uint64_t track_id) {
  v1::FrameVerdict verdict;
  v1::TrackRisk& risk = *verdict.add_risks();
  risk.set_track_id(track_id);
  risk.add_zone_ids("aisle");
  risk.add_zone_ids("gone");
  *risk.mutable_dwell() = ToProto(absl::Seconds(3));
  v1::KindRisk& concealment = *risk.add_kinds();
  AddPart(concealment, "bias", 0.2f);
  AddPart(concealment, "clip_shoplifting", 0.75f);
  AddPart(concealment, "pose_anomaly", 0.5f);
  v1::KindRisk& fight = *risk.add_kinds();
  AddPart(fight, "clip_fighting", 0.25f);
  AddPart(fight, "alone", 1);
  return verdict;
}

Zone Aisle() {
  Zone zone;
  zone.id = "aisle";
  zone.kind = ZoneKind::kShelf;
  return zone;
}

TEST(MomentLog, KeepsWhatFusionKnew) {
  const std::vector<Zone> zones = {Aisle()};
  MomentLog log(zones);
  log.Add({absl::Seconds(1), {}, VerdictOf(7)});
  log.Add({absl::Seconds(2), {}, v1::FrameVerdict()});
  ASSERT_THAT(log.tracks(), SizeIs(1));
  ASSERT_THAT(log.tracks().at(7), SizeIs(1));
  const risk_training::Moment& moment = log.tracks().at(7)[0];
  EXPECT_EQ(moment.time, absl::Seconds(1));
  EXPECT_EQ(moment.inputs.shoplifting, 0.75f);
  EXPECT_EQ(moment.inputs.fighting, 0.25f);
  EXPECT_EQ(moment.inputs.pose_anomaly, 0.5f);
  ASSERT_TRUE(moment.inputs.pair.has_value());
  EXPECT_TRUE(moment.inputs.pair->alone);
  EXPECT_EQ(moment.inputs.dwell, absl::Seconds(3));
  EXPECT_THAT(moment.inputs.zones, ElementsAre(ZoneKind::kShelf));
}

TEST(SimulatedEpisodes, CutsATrackIntoItsActAndTheRest) {
  const std::vector<Zone> zones = {Aisle()};
  MomentLog log(zones);
  SimulationScores scores;
  simulator::TruthFrame frame;
  frame.people.push_back({.id = 1, .box = {0.1f, 0.1f, 0.2f, 0.5f}});
  TrackedPerson tracked;
  tracked.track_id = 7;
  tracked.person.box = {0.1f, 0.1f, 0.2f, 0.5f};
  scores.people.Observe(frame, {{tracked}});
  scores.acts = {{simulator::ActKind::kConcealment, {1}, 10, 12, true},
                 {simulator::ActKind::kLoitering, {1}, 0, 40, true},
                 {simulator::ActKind::kConcealment, {1}, 38, 40, false}};
  for (int s = 0; s < 40; ++s) log.Add({absl::Seconds(s), {}, VerdictOf(7)});
  log.Add({absl::Seconds(40), {}, VerdictOf(8)});

  const auto episodes = SimulatedEpisodes(log, scores, "store");
  ASSERT_THAT(episodes, SizeIs(4));
  // The act and the two seconds after it, in which an alarm is wanted.
  EXPECT_EQ(episodes[0].conceals, true);
  EXPECT_EQ(episodes[0].fights, false);
  EXPECT_THAT(episodes[0].tracks[0], SizeIs(5));
  // Before it; from five seconds after it up to the one that is cut off; and somebody else.
  EXPECT_EQ(episodes[1].conceals, false);
  EXPECT_THAT(episodes[1].tracks[0], SizeIs(10));
  EXPECT_EQ(episodes[2].tracks[0].front().time, absl::Seconds(18));
  EXPECT_EQ(episodes[2].tracks[0].back().time, absl::Seconds(37));
  EXPECT_EQ(episodes[3].tracks[0].front().time, absl::Seconds(40));
}

}  // namespace
}  // namespace aislewatch
