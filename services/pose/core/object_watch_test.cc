#include "services/pose/core/object_watch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kTestFrame;
using testing::StandingAt;

const absl::Time kFirstLook = absl::FromUnixSeconds(1700000000);

TrackedPerson TrackOf(uint64_t id, float height = 0.5f) {
  return {.track_id = id, .person = StandingAt(0.5f, 0.5f, height), .age_frames = 1};
}

std::vector<TrackedPerson> Tracks(std::vector<uint64_t> ids) {
  std::vector<TrackedPerson> people;
  for (const uint64_t id : ids) people.push_back(TrackOf(id));
  return people;
}

TEST(ObjectWatch, LooksAtAPersonAgainOnlyAfterTheInterval) {
  ObjectWatch watch({.every = absl::Milliseconds(300), .max_people = 2});
  std::vector<int> looked;
  for (int frame = 0; frame < 10; ++frame) {
    // Cameras are never quite punctual.
    const absl::Time time =
        kFirstLook + frame * absl::Milliseconds(100) - frame * absl::Milliseconds(1);
    if (!watch.Choose(time, kTestFrame, Tracks({1})).empty()) looked.push_back(frame);
  }
  EXPECT_THAT(looked, ElementsAre(0, 3, 6, 9));
}

TEST(ObjectWatch, LooksAtFewPeopleInOneFrameTheNewestFirst) {
  ObjectWatch watch({.every = absl::Milliseconds(300), .max_people = 2});
  EXPECT_THAT(watch.Choose(kFirstLook, kTestFrame, Tracks({4, 9, 7})), ElementsAre(1, 2));
  // 4 still waits; 12 has just come.
  const absl::Time next = kFirstLook + absl::Milliseconds(100);
  EXPECT_THAT(watch.Choose(next, kTestFrame, Tracks({4, 9, 7, 12})), ElementsAre(3, 0));
}

TEST(ObjectWatch, InACrowdEverybodyGetsTheirTurn) {
  ObjectWatch watch({.every = absl::Milliseconds(300), .max_people = 2});
  const std::vector<TrackedPerson> people = Tracks({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  std::vector<int> looks(people.size(), 0);
  for (int frame = 0; frame < 20; ++frame) {
    for (const size_t index :
         watch.Choose(kFirstLook + frame * absl::Milliseconds(100), kTestFrame, people)) {
      ++looks[index];
    }
  }
  EXPECT_THAT(looks, ::testing::Each(4));
}

TEST(ObjectWatch, PassesByWhoIsTooSmallToHoldAnythingThatCouldBeSeen) {
  ObjectWatch watch({.every = absl::Milliseconds(300), .max_people = 2});
  EXPECT_THAT(watch.Choose(kFirstLook, kTestFrame, {TrackOf(1, 0.1f), TrackOf(2)}), ElementsAre(1));
}

TEST(ObjectWatch, AClockThatIsSetBackDoesNotEndTheLooks) {
  ObjectWatch watch({.every = absl::Milliseconds(300), .max_people = 2});
  watch.Choose(kFirstLook, kTestFrame, Tracks({1}));
  EXPECT_THAT(watch.Choose(kFirstLook - absl::Hours(1), kTestFrame, Tracks({1})), ElementsAre(0));
}

TEST(ObjectWatch, WithoutPeopleThereIsNobodyToLookAt) {
  ObjectWatch watch({});
  EXPECT_THAT(watch.Choose(kFirstLook, kTestFrame, {}), IsEmpty());
}

}  // namespace
}  // namespace aislewatch::pose
