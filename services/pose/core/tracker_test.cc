#include "services/pose/core/tracker.h"

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose {
namespace {

using ::aislewatch::pose::testing::kTestFrame;
using ::aislewatch::pose::testing::StandingAt;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using People = std::vector<DetectedPerson>;

constexpr absl::Duration kFrame = absl::Milliseconds(100);

// A tracker at ten frames a second.
class TrackerTest : public ::testing::Test {
 protected:
  std::vector<TrackedPerson> Next(const People& people, absl::Duration dt = kFrame) {
    time_ += dt;
    return tracker_.Update(time_, kTestFrame, people);
  }
  std::vector<uint64_t> NextIds(const People& people, absl::Duration dt = kFrame) {
    std::vector<uint64_t> ids;
    for (const TrackedPerson& person : Next(people, dt)) ids.push_back(person.track_id);
    return ids;
  }
  // Shows the same people until their tracks are confirmed.
  void Settle(const People& people) {
    for (int i = 0; i < TrackerOptions().confirm_frames; ++i) Next(people);
  }

  absl::Time time_ = absl::FromUnixSeconds(1700000000);
  Tracker tracker_ = Tracker::Create({}).value();
};

// The id of whoever is nearest to `x`; 0 where nobody is within 0.05.
uint64_t IdAt(const std::vector<TrackedPerson>& people, float x) {
  for (const TrackedPerson& person : people) {
    if (std::abs(person.person.box.x + person.person.box.width / 2 - x) < 0.05f) {
      return person.track_id;
    }
  }
  return 0;
}

TEST_F(TrackerTest, ReportsAPersonOnceSeenOftenEnoughWithTheirAge) {
  EXPECT_THAT(Next({StandingAt(.5f, .5f)}), IsEmpty());
  EXPECT_THAT(Next({StandingAt(.5f, .5f)}), IsEmpty());
  const auto people = Next({StandingAt(.5f, .5f)});
  ASSERT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0].track_id, 1u);
  EXPECT_EQ(people[0].age_frames, 3u);
  EXPECT_FLOAT_EQ(people[0].person.box.height, .5f) << "the detection itself, not the filter's";
}

TEST_F(TrackerTest, OneFalseDetectionIsNobody) {
  Settle({StandingAt(.3f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.3f, .5f), StandingAt(.8f, .5f)}), ElementsAre(1));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(NextIds({StandingAt(.3f, .5f)}), ElementsAre(1));
  EXPECT_EQ(tracker_.confirmed_tracks(), 1u);
}

TEST_F(TrackerTest, FollowsAWalkerAtAnyFrameRate) {
  for (const absl::Duration dt : {absl::Milliseconds(33), absl::Milliseconds(100),
                                  absl::Milliseconds(250), absl::Milliseconds(500)}) {
    Tracker tracker = Tracker::Create({}).value();
    std::set<uint64_t> ids;
    // 0.8 bodies per second to the right: a brisk walk.
    const double speed = 0.8 * 0.5 * kTestFrame.height / kTestFrame.width;
    for (absl::Duration t; t < absl::Seconds(3); t += dt) {
      const float x = static_cast<float>(0.1 + speed * absl::ToDoubleSeconds(t));
      for (const auto& person :
           tracker.Update(absl::UnixEpoch() + t, kTestFrame, {{StandingAt(x, .5f)}})) {
        ids.insert(person.track_id);
      }
    }
    EXPECT_THAT(ids, ElementsAre(1)) << absl::FormatDuration(dt);
  }
}

TEST_F(TrackerTest, KeepsIdsWhenTwoPeopleCross) {
  for (int i = 0; i <= 40; ++i) {
    const float along = 0.02f * static_cast<float>(i);
    const auto people = Next({StandingAt(.1f + along, .5f), StandingAt(.9f - along, .5f)});
    // While they stand in one another nobody can tell which is which, the boxes being equal.
    if (i < 3 || std::abs(.8f - 2 * along) < 0.1f) continue;
    EXPECT_EQ(IdAt(people, .1f + along), 1u) << "frame " << i;
    EXPECT_EQ(IdAt(people, .9f - along), 2u) << "frame " << i;
  }
}

TEST_F(TrackerTest, KeepsIdsWhenOneHidesTheOtherForASecond) {
  for (int i = 0; i <= 40; ++i) {
    const float along = 0.02f * static_cast<float>(i);
    People shown = {StandingAt(.1f + along, .5f)};
    const bool hidden = i >= 15 && i <= 25;
    if (!hidden) shown.push_back(StandingAt(.9f - along, .48f, .46f));
    const auto people = Next(shown);
    if (i < 3) continue;
    EXPECT_EQ(IdAt(people, .1f + along), 1u) << "frame " << i;
    if (!hidden) {
      EXPECT_EQ(IdAt(people, .9f - along), 2u) << "frame " << i;
    }
  }
}

// Somebody in clothes of one colour, `bin`.
Appearance Wearing(size_t bin) {
  Appearance look;
  look.known = true;
  look.brightness[bin % Appearance::kBrightnessBins] = 1;
  look.colour[bin] = 1;
  return look;
}

TEST_F(TrackerTest, WhoeverWalksInFrontDoesNotTakeTheTrack) {
  const auto next = [this](const People& people, const std::vector<Appearance>& looks) {
    time_ += kFrame;
    std::set<uint64_t> ids;
    for (const auto& person : tracker_.Update(time_, kTestFrame, people, looks)) {
      ids.insert(person.track_id);
    }
    return ids;
  };
  const std::set<uint64_t> standing = {1}, both = {1, 2};
  for (int i = 0; i < 5; ++i) next({StandingAt(.5f, .5f)}, {Wearing(1)});
  ASSERT_EQ(next({StandingAt(.5f, .5f)}, {Wearing(1)}), standing);
  // For a second only the one in front is seen, in the very same place.
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(next({StandingAt(.5f, .51f)}, {Wearing(6)}).contains(1));
  }
  EXPECT_EQ(next({StandingAt(.5f, .5f), StandingAt(.53f, .52f)}, {Wearing(1), Wearing(6)}), both);
}

TEST_F(TrackerTest, ClothesThatChangeByAndByAreTheSamePerson) {
  Appearance look = Wearing(1);
  for (int i = 0; i < 30; ++i) {
    Blend(look, Wearing(6), 0.1f);
    time_ += kFrame;
    const auto people = tracker_.Update(time_, kTestFrame, {{StandingAt(.5f, .5f)}}, {{look}});
    if (i >= 2) {
      ASSERT_EQ(people.size(), 1u);
      EXPECT_EQ(people[0].track_id, 1u);
    }
  }
}

// A tracker that is shown one person in known clothes, or nobody.
class DressedTrackerTest : public TrackerTest {
 protected:
  // Ids after `frames` frames of the same.
  std::vector<uint64_t> Show(const DetectedPerson& person, const Appearance& look, int frames) {
    std::vector<uint64_t> ids;
    for (int i = 0; i < frames; ++i) {
      ids.clear();
      time_ += kFrame;
      for (const auto& seen : tracker_.Update(time_, kTestFrame, {{person}}, {{look}})) {
        ids.push_back(seen.track_id);
      }
    }
    return ids;
  }
  void ShowNobody(absl::Duration time) {
    for (absl::Duration t; t < time; t += kFrame) Next({});
  }
};

TEST_F(DressedTrackerTest, WhoComesOutFromBehindAShelfInTheSameClothesIsTheSamePerson) {
  ASSERT_THAT(Show(StandingAt(.4f, .5f), Wearing(1), 5), ElementsAre(1));
  ShowNobody(absl::Seconds(8));
  EXPECT_THAT(Show(StandingAt(.6f, .5f), Wearing(1), 3), ElementsAre(1));
}

TEST_F(DressedTrackerTest, InOtherClothesItIsSomebodyElse) {
  Show(StandingAt(.4f, .5f), Wearing(1), 5);
  ShowNobody(absl::Seconds(8));
  EXPECT_THAT(Show(StandingAt(.4f, .5f), Wearing(6), 3), ElementsAre(2));
}

TEST_F(DressedTrackerTest, OnePersonComesBackOnce) {
  Show(StandingAt(.4f, .5f), Wearing(1), 5);
  ShowNobody(absl::Seconds(5));
  std::set<uint64_t> ids;
  for (int i = 0; i < 3; ++i) {
    time_ += kFrame;
    for (const auto& seen : tracker_.Update(time_, kTestFrame,
                                            {{StandingAt(.35f, .5f), StandingAt(.6f, .5f)}},
                                            {{Wearing(1), Wearing(1)}})) {
      ids.insert(seen.track_id);
    }
  }
  EXPECT_THAT(ids, ElementsAre(1, 2));
}

TEST_F(DressedTrackerTest, NobodyComesBackAfterTheLongestAbsence) {
  Show(StandingAt(.4f, .5f), Wearing(1), 5);
  ShowNobody(TrackerOptions().keep_absent + kFrame);
  EXPECT_THAT(Show(StandingAt(.4f, .5f), Wearing(1), 3), ElementsAre(2));
}

TEST_F(DressedTrackerTest, WhoWalkedOutOfThePictureDoesNotComeBack) {
  for (float x = .6f; x < 1; x += .03f) Show(StandingAt(x, .5f), Wearing(1), 1);
  ShowNobody(absl::Seconds(2));
  EXPECT_THAT(Show(StandingAt(.93f, .5f), Wearing(1), 3), ElementsAre(2));
}

TEST_F(DressedTrackerTest, WhoIsHalfHiddenKeepsTheirSize) {
  ASSERT_THAT(Show(StandingAt(.5f, .5f, .6f), Wearing(1), 5), ElementsAre(1));
  // The unsure box of a head and shoulders, then nothing, then the whole person again.
  Show(StandingAt(.5f, .35f, .3f, .15f), Appearance{}, 2);
  ShowNobody(absl::Seconds(1.5));
  EXPECT_THAT(Show(StandingAt(.5f, .5f, .6f), Appearance{}, 3), ElementsAre(1));
}

TEST_F(TrackerTest, ReturnsTheIdAfterMissedFrames) {
  Settle({StandingAt(.5f, .5f)});
  EXPECT_THAT(NextIds({}), IsEmpty());
  EXPECT_THAT(NextIds({}), IsEmpty());
  const auto people = Next({StandingAt(.52f, .5f)});
  ASSERT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0].track_id, 1u);
  EXPECT_EQ(people[0].age_frames, 4u) << "only frames in which the person was seen count";
}

TEST_F(TrackerTest, ReturnsTheIdAfterAGapToOneWhoWalkedOn) {
  float x = .2f;
  for (int i = 0; i < 10; ++i) Next({StandingAt(x += .02f, .5f)});
  // Two seconds behind a shelf, slower than before.
  EXPECT_THAT(NextIds({StandingAt(x + .2f, .5f)}, absl::Seconds(2)), ElementsAre(1));
}

TEST_F(TrackerTest, NeverReusesAnId) {
  Settle({StandingAt(.5f, .5f)});
  for (int i = 0; i < 40; ++i) Next({});
  EXPECT_EQ(tracker_.confirmed_tracks(), 0u);
  Settle({StandingAt(.5f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.5f, .5f)}), ElementsAre(2));
}

TEST_F(TrackerTest, OneBadFrameDoesNotTeleportATrack) {
  Settle({StandingAt(.2f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.9f, .5f)}), IsEmpty());
  const auto people = Next({StandingAt(.2f, .5f)});
  ASSERT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0].track_id, 1u);
  EXPECT_NEAR(people[0].person.box.x, .2f, .1f);
}

TEST_F(TrackerTest, SomebodyElseFarAwayGetsAnotherId) {
  Settle({StandingAt(.2f, .5f)});
  Settle({StandingAt(.9f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.9f, .5f)}), ElementsAre(2));
}

TEST_F(TrackerTest, AnUnsureDetectionContinuesATrackButStartsNone) {
  const float unsure = TrackerOptions().high_score - 0.05f;
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Next({StandingAt(.5f, .5f, .5f, unsure)}), IsEmpty());
  Settle({StandingAt(.5f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.5f, .5f, .5f, unsure)}), ElementsAre(1));
}

TEST_F(TrackerTest, ADetectionUnderTheLowScoreIsIgnored) {
  Settle({StandingAt(.5f, .5f)});
  EXPECT_THAT(Next({StandingAt(.5f, .5f, .5f, TrackerOptions().low_score - 0.01f)}), IsEmpty());
}

TEST_F(TrackerTest, OnePersonFoundTwiceIsOneTrack) {
  DetectedPerson again = StandingAt(.502f, .5f, .5f, .6f);
  again.box.height *= .6f;  // The second finding took the upper body only.
  for (int i = 0; i < 10; ++i) Next({StandingAt(.5f, .5f), again});
  EXPECT_EQ(tracker_.confirmed_tracks(), 1u);
}

TEST_F(TrackerTest, TwoPeopleSideBySideAreTwoTracks) {
  for (int i = 0; i < 10; ++i) Next({StandingAt(.5f, .5f), StandingAt(.56f, .5f)});
  EXPECT_EQ(tracker_.confirmed_tracks(), 2u);
}

TEST_F(TrackerTest, WhoeverComesInWhereSomebodyLeftIsSomebodyElse) {
  for (float x : {.86f, .9f, .94f, .98f}) Next({StandingAt(x, .5f)});
  for (int i = 0; i < 10; ++i) Next({});
  Settle({StandingAt(.97f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.95f, .5f)}), ElementsAre(2));
}

TEST_F(TrackerTest, WhoeverStandsAtTheEdgeAndIsHiddenKeepsTheirId) {
  // Cut off by the lower edge, as people close to the camera are.
  for (int i = 0; i < 10; ++i) Next({StandingAt(.5f, .75f)});
  for (int i = 0; i < 15; ++i) Next({});
  EXPECT_THAT(NextIds({StandingAt(.5f, .75f)}), ElementsAre(1));
}

TEST_F(TrackerTest, EmptyFramesAreFine) {
  for (int i = 0; i < 100; ++i) EXPECT_THAT(Next({}), IsEmpty());
}

TEST_F(TrackerTest, TimeThatStandsOrGoesBackDoesNotLoseTracks) {
  Settle({StandingAt(.5f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.5f, .5f)}, absl::ZeroDuration()), ElementsAre(1));
  EXPECT_THAT(NextIds({StandingAt(.51f, .5f)}, -absl::Hours(1)), ElementsAre(1));
  EXPECT_THAT(NextIds({StandingAt(.52f, .5f)}), ElementsAre(1));
}

TEST_F(TrackerTest, AfterALongSilenceEverybodyIsNew) {
  Settle({StandingAt(.5f, .5f)});
  EXPECT_THAT(NextIds({StandingAt(.5f, .5f)}, absl::Hours(1)), IsEmpty());
  EXPECT_THAT(Next({StandingAt(.5f, .5f)}), IsEmpty());
  EXPECT_THAT(NextIds({StandingAt(.5f, .5f)}), ElementsAre(2));
}

TEST_F(TrackerTest, APictureOfAnotherShapeStartsAfresh) {
  Settle({StandingAt(.5f, .5f)});
  const People people = {StandingAt(.5f, .5f)};
  for (int i = 0; i < 3; ++i) tracker_.Update(time_ += kFrame, {480, 640}, people);
  const auto seen = tracker_.Update(time_ += kFrame, {480, 640}, people);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].track_id, 2u);
}

TEST_F(TrackerTest, FollowsThirtyPeopleInACrowd) {
  std::mt19937 random(3);
  std::normal_distribution<float> jitter(0, 0.004f);
  for (int i = 0; i < 50; ++i) {
    People people;
    for (int p = 0; p < 30; ++p) {
      const auto row = static_cast<float>(p / 10), column = static_cast<float>(p % 10);
      people.push_back(StandingAt(.05f + .09f * column + .002f * static_cast<float>(i) +
                                      jitter(random),
                                  .2f + .3f * row + jitter(random), .25f));
    }
    std::shuffle(people.begin(), people.end(), random);
    Next(people);
  }
  EXPECT_EQ(tracker_.confirmed_tracks(), 30u);
  Settle({StandingAt(.5f, .5f, .9f)});
  EXPECT_THAT(NextIds({StandingAt(.5f, .5f, .9f)}), ElementsAre(31)) << "no id was wasted before";
}

TEST_F(TrackerTest, SurvivesAbsurdDetections) {
  Settle({StandingAt(.5f, .5f)});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  People absurd;
  for (const NormalizedBox& box :
       {NormalizedBox{nan, 0, 1, 1}, NormalizedBox{0, 0, inf, 1}, NormalizedBox{0, 0, 0, 0},
        NormalizedBox{0, 0, -1, 1}, NormalizedBox{1e30f, 0, 1e30f, 1}}) {
    absurd.push_back(StandingAt(.5f, .5f));
    absurd.back().box = box;
  }
  absurd.push_back(StandingAt(.5f, .5f));
  absurd.back().keypoints[3].x = nan;
  absurd.push_back(StandingAt(.5f, .5f, .5f, nan));
  EXPECT_THAT(Next(absurd), IsEmpty());
  EXPECT_THAT(tracker_.Update(time_ += kFrame, {0, 0}, absurd), IsEmpty());
  EXPECT_EQ(tracker_.Update(time_ += kFrame, {-5, 0}, {{StandingAt(.5f, .5f)}}).size(), 0u);
}

TEST_F(TrackerTest, TakesNoMorePeopleThanItsLimit) {
  Tracker tracker = Tracker::Create({.confirm_frames = 1, .max_people = 2}).value();
  const auto people =
      tracker.Update(time_, kTestFrame, {{StandingAt(.2f, .5f, .5f, .5f), StandingAt(.5f, .5f),
                                          StandingAt(.8f, .5f)}});
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(IdAt(people, .2f), 0u) << "the best scores stay";
}

TEST(TrackerOptions, NamesEveryOptionOutsideItsRange) {
  EXPECT_TRUE(Tracker::Create({}).ok());
  const auto tracker =
      Tracker::Create({.low_score = .5f, .high_score = .4f, .confirm_frames = 0, .max_speed = 0});
  EXPECT_EQ(tracker.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tracker.status().message()),
              ::testing::AllOf(HasSubstr("high_score"), HasSubstr("confirm_frames"),
                               HasSubstr("max_speed")));
}

}  // namespace
}  // namespace aislewatch::pose
