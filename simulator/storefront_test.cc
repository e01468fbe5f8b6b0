#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "simulator/simulation.h"
#include "simulator/truth_json.h"

namespace aislewatch::simulator {
namespace {

using ::testing::HasSubstr;

SimulationOptions Corridor(uint64_t seed, absl::Duration duration) {
  const Scenario scenario = FindScenario("storefront").value();
  SimulationOptions options;
  options.seed = seed;
  options.duration = duration;
  options.size = {160, 90};
  options.fps = 5;
  options.mix = scenario.mix;
  options.storefronts = scenario.storefronts;
  options.people_per_minute = 30;
  options.clean = true;
  return options;
}

struct Footage {
  SceneTruth scene;
  std::vector<TruthFrame> frames;
  std::vector<TruthVisit> visits;
};

Footage Play(const SimulationOptions& options) {
  auto simulation = Simulation::Create(options);
  EXPECT_TRUE(simulation.ok()) << simulation.status();
  Footage footage;
  while (auto frame = (*simulation)->Next()) footage.frames.push_back(std::move(frame->truth));
  footage.scene = (*simulation)->scene();
  footage.visits = (*simulation)->visits();
  return footage;
}

TEST(Storefronts, EveryCameraSeesShopsAndAShelf) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Footage footage = Play(Corridor(seed, absl::Seconds(1)));
    std::map<std::string, int> kinds;
    for (const TruthZone& zone : footage.scene.zones) ++kinds[zone.kind];
    EXPECT_GE(kinds["storefront"], 2) << seed;
    EXPECT_EQ(kinds["shelf"], 1) << seed;
  }
}

TEST(Storefronts, PeoplePassLookAndEnter) {
  int looked = 0, entered = 0;
  size_t passed = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const Footage footage = Play(Corridor(seed, absl::Seconds(90)));
    passed += footage.visits.size();
    for (const TruthVisit& visit : footage.visits) {
      looked += visit.looked;
      entered += visit.entered;
      EXPECT_LE(visit.looking_s, visit.end_s - visit.begin_s + 1e-6);
      EXPECT_LE(visit.dwell_s, visit.end_s - visit.begin_s + 1e-6);
      EXPECT_EQ(visit.looked, visit.looking_s >= 0.5);
      EXPECT_EQ(visit.entered, visit.dwell_s >= 0.5);
      EXPECT_LE(visit.looked_before_entering, visit.looked && visit.entered);
    }
  }
  EXPECT_GT(passed, 40u);
  EXPECT_GT(looked, 8);
  EXPECT_GT(entered, 3);
  // Most pass by.
  EXPECT_LT(looked, static_cast<int>(passed) * 3 / 4);
}

// The truth says where the head is turned; the picture must show it.
TEST(Storefronts, HeadsAreTurnedToWhatIsLookedAt) {
  int checked = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const Footage footage = Play(Corridor(seed, absl::Seconds(60)));
    std::map<std::string, float> middle;
    for (const TruthZone& zone : footage.scene.zones) {
      for (const NormalizedPoint& p : zone.polygon) {
        middle[zone.id] += p.x / static_cast<float>(zone.polygon.size());
      }
    }
    for (const TruthFrame& frame : footage.frames) {
      for (const TruthPerson& person : frame.people) {
        if (person.looks_at.empty() || !middle.contains(person.looks_at)) continue;
        const auto& nose = person.keypoints[0].point;
        const float ears = (person.keypoints[3].point.x + person.keypoints[4].point.x) / 2;
        const float to_zone = middle[person.looks_at] - person.box.foot().x;
        // Clearly beside them, and not in line with the camera.
        if (std::abs(to_zone) < 0.12f || std::abs(std::cos(person.head_yaw)) < 0.5f) continue;
        ++checked;
        EXPECT_GT((nose.x - ears) * to_zone, 0) << seed << " frame " << frame.index;
      }
    }
  }
  EXPECT_GT(checked, 50);
}

TEST(Storefronts, TheTruthSurvivesJson) {
  Footage footage = Play(Corridor(2, absl::Seconds(20)));
  ASSERT_FALSE(footage.visits.empty());
  const auto read =
      FootageTruthFromJson(ToJson({footage.scene, {}, footage.visits, footage.frames}));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->visits.size(), footage.visits.size());
  for (size_t i = 0; i < footage.visits.size(); ++i) {
    EXPECT_EQ(read->visits[i].zone_id, footage.visits[i].zone_id);
    EXPECT_EQ(read->visits[i].looked, footage.visits[i].looked);
    EXPECT_NEAR(read->visits[i].looking_s, footage.visits[i].looking_s, 1e-4);
  }
  const TruthFrame& frame = footage.frames.back();
  ASSERT_EQ(read->frames.back().people.size(), frame.people.size());
  for (size_t i = 0; i < frame.people.size(); ++i) {
    EXPECT_NEAR(read->frames.back().people[i].head_yaw, frame.people[i].head_yaw, 1e-4);
    EXPECT_EQ(read->frames.back().people[i].looks_at, frame.people[i].looks_at);
  }
}

TEST(Storefronts, MixesThatDoNotFitThePlaceAreRefused) {
  SimulationOptions options = Corridor(1, absl::Seconds(1));
  options.storefronts = false;
  EXPECT_THAT(std::string(Simulation::Create(options).status().message()),
              HasSubstr("storefronts"));
  options.storefronts = true;
  options.mix = kShopMix;
  EXPECT_FALSE(Simulation::Create(options).ok());
}

}  // namespace
}  // namespace aislewatch::simulator
