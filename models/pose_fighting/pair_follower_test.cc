#include "models/pose_fighting/pair_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/pose_fighting/testing/figures.h"

namespace aislewatch::pose_fighting {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PairFollowerTest : public testing::Test {
 protected:
  // One frame, a tenth of a second after the one before.
  FramePairs Frame(const std::vector<PersonPose>& people) {
    now_ += absl::Milliseconds(100);
    return follower_.Push({now_, kTestFrame, people});
  }
  FramePairs Frames(int count, const std::vector<PersonPose>& people) {
    FramePairs last;
    for (int i = 0; i < count; ++i) last = Frame(people);
    return last;
  }

  PairFollower follower_;
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
};

TEST_F(PairFollowerTest, TwoBesideEachOtherAreAPairOnceSeenForLongEnough) {
  const auto people = PeopleOf(StandStill(0));
  EXPECT_THAT(Frame(people).company, Each(Company::kUnknown));
  EXPECT_THAT(Frame(people).company, Each(Company::kUnknown));
  const FramePairs pairs = Frames(3, people);
  EXPECT_THAT(pairs.company, Each(Company::kBeside));
  ASSERT_THAT(pairs.encounters, SizeIs(1));
  const PairValues& values = pairs.encounters[0].values;
  EXPECT_NEAR(values[0], std::log(0.1f), 1e-2);  // nobody moves
  EXPECT_NEAR(values[2], -0.9f, 1e-2);           // hands down
  EXPECT_GT(values[4], 1.5f);                    // they look at each other
  EXPECT_NEAR(values[6], 70.0f / 40, 1e-2);
}

TEST_F(PairFollowerTest, WhoIsOutOfReachIsNoPartner) {
  EXPECT_THAT(Frames(6, PeopleOf({{.x = 100}, {.x = 400}})).company, Each(Company::kAlone));
}

TEST_F(PairFollowerTest, WhoStandsFarBehindIsNoPartner) {
  EXPECT_THAT(Frames(6, PeopleOf({{.x = 300}, {.x = 330, .trunk = 15}})).company,
              Each(Company::kAlone));
}

TEST_F(PairFollowerTest, HandsAtTheOthersTrunkReachIntoIt) {
  const FramePairs hugging = Frames(6, PeopleOf(Hug(0)));
  ASSERT_THAT(hugging.encounters, SizeIs(1));
  EXPECT_LT(hugging.encounters[0].values[5], 0.4f);
}

TEST_F(PairFollowerTest, TwoWhoBecomeOneAreMergedForAWhile) {
  const auto people = PeopleOf(Hit(0));
  Frames(8, people);
  EXPECT_THAT(Frame({people[0]}).company, ElementsAre(Company::kMerged));
  EXPECT_THAT(Frames(25, {people[0]}).company, ElementsAre(Company::kMerged));
  EXPECT_THAT(Frames(10, {people[0]}).company, ElementsAre(Company::kAlone));
}

TEST_F(PairFollowerTest, WhoWalkedAwayAndIsInThePictureIsNotMerged) {
  Frames(8, PeopleOf({{.x = 300}, {.x = 350}}));
  EXPECT_THAT(Frames(2, PeopleOf({{.x = 300}, {.x = 550}})).company, Each(Company::kAlone));
}

TEST_F(PairFollowerTest, SomebodyWhoCannotBeMeasuredMayBeTheOther) {
  auto people = PeopleOf({{.x = 300}, {.x = 330}});
  for (Keypoint& joint : people[1].pose) joint = {};
  EXPECT_THAT(Frames(8, people).company, Each(Company::kUnknown));
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (Keypoint& joint : people[1].pose) joint = {kNan, kNan, kNan};
  EXPECT_THAT(Frames(8, people).company, Each(Company::kUnknown));
}

TEST_F(PairFollowerTest, MissingLimbsLeaveTheRest) {
  auto people = PeopleOf(StandStill(0));
  for (size_t j = 0; j < people[1].pose.size(); ++j) {
    const bool trunk = j == 5 || j == 6 || j == 11 || j == 12;
    if (!trunk) people[1].pose[j].confidence = 0;
  }
  const FramePairs pairs = Frames(6, people);
  ASSERT_THAT(pairs.encounters, SizeIs(1));
  for (const float value : pairs.encounters[0].values) EXPECT_TRUE(std::isfinite(value));
}

TEST_F(PairFollowerTest, AGapBeginsAPairAnew) {
  const auto people = PeopleOf(StandStill(0));
  Frames(8, people);
  now_ += absl::Seconds(10);
  EXPECT_THAT(Frame(people).company, Each(Company::kUnknown));
  EXPECT_THAT(Frames(4, people).company, Each(Company::kBeside));
}

TEST_F(PairFollowerTest, ACrowdCostsAsManyPairsAsItHasPeople) {
  std::vector<Figure> crowd;
  for (int i = 0; i < 300; ++i) crowd.push_back({.x = 300 + 0.1f * static_cast<float>(i)});
  const FramePairs pairs = Frames(5, PeopleOf(crowd));
  EXPECT_LE(pairs.encounters.size(), 300 * PairFollower::kNeighbours);
  EXPECT_GT(pairs.encounters.size(), 300u);
  EXPECT_THAT(Frame({}).encounters, IsEmpty());
}

}  // namespace
}  // namespace aislewatch::pose_fighting
