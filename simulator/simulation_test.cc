#include "simulator/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulator/body_mesh.h"
#include "simulator/clip.h"
#include "simulator/truth_json.h"

namespace aislewatch::simulator {
namespace {

using ::testing::HasSubstr;

// FNV-1a.
uint64_t Hash(const cv::Mat& image) {
  uint64_t hash = 14695981039346656037ull;
  for (int y = 0; y < image.rows; ++y) {
    const uint8_t* row = image.ptr(y);
    for (size_t i = 0; i < image.elemSize() * static_cast<size_t>(image.cols); ++i) {
      hash = (hash ^ row[i]) * 1099511628211ull;
    }
  }
  return hash;
}

// Small pictures keep the tests quick; the people are as in large ones.
SimulationOptions Small(uint64_t seed, absl::Duration duration) {
  SimulationOptions options;
  options.seed = seed;
  options.duration = duration;
  options.size = {320, 180};
  options.people_per_minute = 20;
  return options;
}

std::vector<uint64_t> Hashes(const SimulationOptions& options) {
  auto simulation = Simulation::Create(options);
  EXPECT_TRUE(simulation.ok()) << simulation.status();
  std::vector<uint64_t> hashes;
  while (auto frame = (*simulation)->Next()) hashes.push_back(Hash(frame->image));
  return hashes;
}

TEST(Simulation, GivesTheSamePicturesForTheSameSeed) {
  const SimulationOptions options = Small(5, absl::Seconds(8));
  EXPECT_EQ(Hashes(options), Hashes(options));
}

TEST(Simulation, GivesOtherPicturesForAnotherSeed) {
  const auto one = Hashes(Small(5, absl::Seconds(1)));
  const auto other = Hashes(Small(6, absl::Seconds(1)));
  for (size_t i = 0; i < one.size(); ++i) EXPECT_NE(one[i], other[i]);
}

TEST(Simulation, GivesAsManyFramesAsDurationAndRateSay) {
  SimulationOptions options = Small(1, absl::Seconds(2));
  options.fps = 12.5;
  auto simulation = Simulation::Create(options);
  ASSERT_TRUE(simulation.ok());
  int frames = 0;
  while (auto frame = (*simulation)->Next()) {
    EXPECT_EQ(frame->truth.index, frames);
    EXPECT_NEAR(frame->truth.time_s, frames / 12.5, 1e-9);
    EXPECT_EQ(frame->image.size(), cv::Size(320, 180));
    ++frames;
  }
  EXPECT_EQ(frames, 25);
  EXPECT_EQ((*simulation)->frame_count(), 25);
}

TEST(Simulation, NamesTheOptionThatIsOutOfRange) {
  const auto message = [](auto change) {
    SimulationOptions options;
    change(options);
    auto made = Simulation::Create(options);
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(made.status().message());
  };
  using Options = SimulationOptions;
  EXPECT_THAT(message([](Options& o) { o.fps = 0; }), HasSubstr("fps"));
  EXPECT_THAT(message([](Options& o) { o.duration = absl::ZeroDuration(); }),
              HasSubstr("duration"));
  EXPECT_THAT(message([](Options& o) { o.size = {10, 10}; }), HasSubstr("10x10"));
  EXPECT_THAT(message([](Options& o) { o.max_people = 0; }), HasSubstr("max_people"));
  EXPECT_THAT(message([](Options& o) { o.people_per_minute = -1; }), HasSubstr("per_minute"));
  EXPECT_THAT(message([](Options& o) { o.mix.fill(0); }), HasSubstr("mix"));
}

TEST(StoreLayout, CallsZonesLeftAndRightAsTheCameraSeesThem) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {  // Half of the stores are mirrored.
    for (const FloorZone& zone : StoreLayout::Create(Random(seed)).zones) {
      const float middle = (zone.floor.x0 + zone.floor.x1) / 2;
      if (zone.id.ends_with("-left")) {
        EXPECT_LT(middle, 0) << zone.id << " of seed " << seed;
      } else if (zone.id.ends_with("-right")) {
        EXPECT_GT(middle, 0) << zone.id << " of seed " << seed;
      }
    }
  }
}

TEST(FindScenario, KnowsEveryNameItLists) {
  for (const Scenario& scenario : Scenarios()) {
    auto found = FindScenario(scenario.name);
    ASSERT_TRUE(found.ok());
    SimulationOptions options = Small(1, absl::Seconds(1));
    options.mix = found->mix;
    options.people_per_minute = found->people_per_minute;
    options.storefronts = found->storefronts;
    EXPECT_TRUE(Simulation::Create(options).ok()) << scenario.name;
  }
  const absl::Status unknown = FindScenario("moon").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("honest"));
}

TEST(Simulation, LetsHonestShoppersDoNothingToReport) {
  SimulationOptions options = Small(3, absl::Minutes(3));
  options.size = {160, 96};
  options.fps = 2;
  options.mix = FindScenario("honest")->mix;
  auto simulation = Simulation::Create(options);
  ASSERT_TRUE(simulation.ok());
  while ((*simulation)->Next()) {
  }
  EXPECT_TRUE((*simulation)->incidents().empty());
}

TEST(Simulation, TellsWhatIsBroughtOutAndCallsOnlyWeaponsAnAct) {
  SimulationOptions options = Small(3, absl::Minutes(4));
  options.size = {160, 96};
  options.fps = 4;
  options.mix = FindScenario("weapons")->mix;
  auto simulation = Simulation::Create(options);
  ASSERT_TRUE(simulation.ok());
  std::vector<TruthFrame> frames;
  while (auto frame = (*simulation)->Next()) frames.push_back(std::move(frame->truth));
  const auto threatens = [&](uint64_t id, double time_s) {
    for (const TruthIncident& act : (*simulation)->incidents()) {
      if (act.person_ids[0] == id && time_s >= act.start_s - 0.1 && time_s <= act.end_s + 0.1) {
        return act.kind == ActKind::kWeapon;
      }
    }
    return false;
  };
  std::map<std::string, std::set<uint64_t>> people;
  for (const TruthFrame& frame : frames) {
    for (const TruthPerson& person : frame.people) {
      if (person.shows.empty()) continue;
      EXPECT_EQ(person.activity, "hold_up");
      EXPECT_EQ(threatens(person.id, frame.time_s),
                person.shows == "knife" || person.shows == "pistol")
          << person.shows << " at " << frame.time_s;
      people[person.shows].insert(person.id);
    }
  }
  EXPECT_EQ(people.size(), static_cast<size_t>(kHeldObjectCount));
}

// What is held is drawn: without it the pictures would be the same.
TEST(Simulation, DrawsWhatIsHeldInTheHand) {
  Random random(5);
  const BodyShape shape = BodyShape::Create(random);
  BodyPose pose;
  const Hold hold = DrawHold(HeldObject::kKnife, shape, random);
  pose.hands[hold.hand] = hold.place;
  const Skeleton skeleton = Solve(shape, pose);
  Mesh without, with;
  Carried carried;
  BuildPersonMesh(shape, pose, skeleton, carried, without);
  carried.hold = hold;
  BuildPersonMesh(shape, pose, skeleton, carried, with);
  ASSERT_GT(with.vertices().size(), without.vertices().size());
  for (size_t i = without.vertices().size(); i < with.vertices().size(); ++i) {
    EXPECT_LT(Length(with.vertices()[i].position - skeleton.palm[hold.hand]), 0.4f);
  }
}

void ExpectConsistent(const TruthPerson& person) {
  const NormalizedBox& box = person.box;
  EXPECT_GE(box.x, 0);
  EXPECT_GE(box.y, 0);
  EXPECT_LE(box.right(), 1.0001f);
  EXPECT_LE(box.bottom(), 1.0001f);
  EXPECT_GT(box.area(), 0);
  for (const TruthKeypoint& k : person.keypoints) {
    if (k.visibility == Visibility::kOutside) continue;
    EXPECT_GE(k.point.x, box.x - 1e-4f);
    EXPECT_LE(k.point.x, box.right() + 1e-4f);
    EXPECT_GE(k.point.y, box.y - 1e-4f);
    EXPECT_LE(k.point.y, box.bottom() + 1e-4f);
  }
}

// One long simulation that several expectations look at.
class LongSimulation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    SimulationOptions options = Small(11, absl::Minutes(8));
    options.size = {160, 96};
    options.fps = 5;
    options.mix.fill(1);
    options.mix[static_cast<size_t>(VisitKind::kWindowShop)] = 0;  // Not in a store.
    auto simulation = Simulation::Create(options);
    ASSERT_TRUE(simulation.ok()) << simulation.status();
    truth_ = new FootageTruth;
    while (auto frame = (*simulation)->Next()) truth_->frames.push_back(std::move(frame->truth));
    truth_->scene = (*simulation)->scene();
    truth_->incidents = (*simulation)->incidents();
  }
  static void TearDownTestSuite() {
    delete truth_;
    truth_ = nullptr;
  }
  static FootageTruth* truth_;
};
FootageTruth* LongSimulation::truth_ = nullptr;

TEST_F(LongSimulation, KeepsKeypointsInsideBoxesInsideThePicture) {
  for (const TruthFrame& frame : truth_->frames) {
    for (const TruthPerson& person : frame.people) ExpectConsistent(person);
  }
}

TEST_F(LongSimulation, ShowsEveryActionAndEveryKindOfAct) {
  std::set<Action> actions;
  for (const TruthFrame& frame : truth_->frames) {
    for (const TruthPerson& person : frame.people) actions.insert(person.action);
  }
  EXPECT_EQ(actions.size(), static_cast<size_t>(kActionCount));
  std::set<ActKind> kinds;
  for (const TruthIncident& incident : truth_->incidents) kinds.insert(incident.kind);
  EXPECT_EQ(kinds.size(), kActKinds.size());
}

TEST_F(LongSimulation, PutsIncidentsInsideTheFootage) {
  const double end = truth_->frames.back().time_s;
  for (const TruthIncident& incident : truth_->incidents) {
    EXPECT_GE(incident.start_s, 0);
    EXPECT_LE(incident.start_s, incident.end_s);
    EXPECT_LE(incident.end_s, end + 1e-3);
    EXPECT_EQ(incident.person_ids.size(), incident.kind == ActKind::kFight ? 2u : 1u);
  }
}

TEST_F(LongSimulation, LabelsThePersonOfAConcealmentAsConcealing) {
  int checked = 0;
  for (const TruthIncident& incident : truth_->incidents) {
    if (incident.kind != ActKind::kConcealment) continue;
    for (const TruthFrame& frame : truth_->frames) {
      if (frame.time_s <= incident.start_s + 0.1 || frame.time_s >= incident.end_s - 0.1) continue;
      for (const TruthPerson& person : frame.people) {
        if (person.id != incident.person_ids[0]) continue;
        EXPECT_TRUE(person.action == Action::kConcealingInClothes ||
                    person.action == Action::kConcealingInBag);
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 20);
}

TEST_F(LongSimulation, LastsLoiteringAtLeastAsLongAsAsked) {
  int checked = 0;
  for (const TruthIncident& incident : truth_->incidents) {
    if (incident.kind != ActKind::kLoitering || !incident.complete) continue;
    EXPECT_GE(incident.end_s - incident.start_s, 74.9);
    ++checked;
  }
  EXPECT_GT(checked, 0);
}

TEST_F(LongSimulation, SeesMostOfTheBodyDuringConcealments) {
  double visible = 0;
  int count = 0;
  for (const TruthFrame& frame : truth_->frames) {
    for (const TruthPerson& person : frame.people) {
      if (person.activity != "conceal_in_clothes" && person.activity != "conceal_in_bag") continue;
      visible += person.visible;
      ++count;
    }
  }
  ASSERT_GT(count, 0);
  EXPECT_GT(visible / count, 0.7);
}

TEST_F(LongSimulation, DescribesZonesInsideThePicture) {
  std::set<std::string> kinds;
  for (const TruthZone& zone : truth_->scene.zones) {
    kinds.insert(zone.kind);
    EXPECT_GE(zone.polygon.size(), 3u);
    for (const NormalizedPoint& p : zone.polygon) {
      EXPECT_TRUE(p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1);
    }
  }
  EXPECT_TRUE(kinds.count("shelf") == 1 && kinds.count("restricted") == 1);
}

TEST_F(LongSimulation, SurvivesTheWayThroughJson) {
  FootageTruth part = *truth_;
  part.frames.resize(50);
  auto read = FootageTruthFromJson(ToJson(part));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(ToJson(*read), ToJson(part));
  EXPECT_EQ(read->incidents.size(), part.incidents.size());
}

TEST(FootageTruthFromJson, NamesWhatIsWrong) {
  EXPECT_THAT(std::string(FootageTruthFromJson("{").status().message()), HasSubstr("parse"));
  EXPECT_THAT(std::string(FootageTruthFromJson("{}").status().message()), HasSubstr("schema"));
  EXPECT_THAT(std::string(FootageTruthFromJson("{\"schema\":9}").status().message()),
              HasSubstr("schema is not 1"));
}

class EveryAction : public ::testing::TestWithParam<int> {};

TEST_P(EveryAction, IsWhatTheSubjectOfItsClipDoes) {
  const auto action = static_cast<Action>(GetParam());
  ClipOptions options;
  options.size = {320, 180};
  for (const uint64_t seed : {1, 2, 3}) {
    auto clip = RenderActionClip(action, seed, options);
    ASSERT_TRUE(clip.ok()) << clip.status();
    EXPECT_EQ(clip->frames.size(), 32u);
    int seen = 0, labelled = 0;
    for (const SimulatedFrame& frame : clip->frames) {
      for (const TruthPerson& person : frame.truth.people) {
        if (person.id != clip->subject_id) continue;
        ++seen;
        labelled += person.action == action;
      }
    }
    EXPECT_EQ(seen, 32);
    EXPECT_GE(labelled, 8) << "seed " << seed;
    EXPECT_EQ(clip->partner_id != 0, action == Action::kFighting);
  }
}
INSTANTIATE_TEST_SUITE_P(All, EveryAction, ::testing::Range(0, kActionCount));

TEST(RenderActionClip, GivesTheSameClipForTheSameSeed) {
  ClipOptions options;
  options.size = {320, 180};
  options.seconds = 1;
  auto one = RenderActionClip(Action::kTaking, 4, options);
  auto two = RenderActionClip(Action::kTaking, 4, options);
  auto other = RenderActionClip(Action::kTaking, 5, options);
  ASSERT_TRUE(one.ok() && two.ok() && other.ok());
  EXPECT_EQ(Hash(one->frames.back().image), Hash(two->frames.back().image));
  EXPECT_NE(Hash(one->frames.back().image), Hash(other->frames.back().image));
}

TEST(RenderActionClip, NamesTheOptionThatIsOutOfRange) {
  EXPECT_THAT(std::string(RenderActionClip(Action::kTaking, 1, {.seconds = 0}).status().message()),
              HasSubstr("seconds"));
  EXPECT_THAT(std::string(RenderActionClip(Action::kTaking, 1, {.fps = 100}).status().message()),
              HasSubstr("fps"));
}

}  // namespace
}  // namespace aislewatch::simulator
