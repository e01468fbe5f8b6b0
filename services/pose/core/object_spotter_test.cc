#include "services/pose/core/object_spotter.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/pose/testing/fake_object_detector.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose {
namespace {

using ::testing::ElementsAre;
using testing::FakeObjectDetector;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kTestFrame;
using ::testing::SizeIs;
using testing::StandingAt;

constexpr int kKnife = FakeObjectDetector::kKnife;
constexpr int kPhone = FakeObjectDetector::kPhone;

// In a square region around a hand: in that hand.
constexpr NormalizedBox kInHand = {0.45f, 0.45f, 0.1f, 0.1f};

// `x`: of their middle.
TrackedPerson WithBothHands(uint64_t id, float x) {
  return {.track_id = id, .person = StandingAt(x, 0.5f, 0.6f), .age_frames = 1};
}

// Somebody of whom only the hand on our right is seen.
TrackedPerson Holding(uint64_t id, float x) {
  TrackedPerson person = WithBothHands(id, x);
  person.person.keypoints[static_cast<size_t>(Joint::kRightWrist)].confidence = 0;
  return person;
}

class ObjectSpotterTest : public ::testing::Test {
 protected:
  ObjectLooks Look(const std::vector<TrackedPerson>& people, const std::vector<size_t>& whom) {
    return spotter_.Look(picture_, people, whom);
  }
  double Looks(const std::string& outcome) {
    return metrics_.Value("aislewatch_pose_object_looks_total", {{"outcome", outcome}});
  }

  const cv::Mat picture_ = cv::Mat::zeros(kTestFrame.height, kTestFrame.width, CV_8UC3);
  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  FakeMetrics metrics_;
  FakeObjectDetector::Probe probe_;
  ObjectSpotter spotter_{std::make_unique<FakeObjectDetector>(probe_), clock_, metrics_};
};

TEST_F(ObjectSpotterTest, TellsWhatWasSeenInFractionsOfTheFrame) {
  probe_.Show({{kKnife, 0.8f, kInHand}});
  const ObjectLooks looks = Look({Holding(7, 0.5f)}, {0});
  EXPECT_THAT(looks.track_ids, ElementsAre(7u));
  ASSERT_THAT(looks.objects, SizeIs(1));
  const SeenObject& knife = looks.objects[0];
  EXPECT_EQ(knife.name, "knife");
  EXPECT_TRUE(knife.weapon);
  EXPECT_FLOAT_EQ(knife.score, 0.8f);
  EXPECT_EQ(knife.track_id, 7u);
  // In the middle of the hand's region, which is 100 of the frame's 360 pixels high.
  EXPECT_NEAR(knife.box.x + knife.box.width / 2, 0.5f + 0.14f * 0.6f * 360 / 640, 0.005f);
  EXPECT_NEAR(knife.box.y + knife.box.height / 2, 0.5f + 0.14f / 3 * 0.6f, 0.005f);
  EXPECT_NEAR(knife.box.height, 0.1f * 100 / 360, 0.005f);
  EXPECT_EQ(metrics_.Value("aislewatch_pose_objects_total", {{"kind", "weapon"}}), 1);
  EXPECT_EQ(Looks("ok"), 1);
}

TEST_F(ObjectSpotterTest, LooksAtAllWhoseTurnItIsInOneCall) {
  const std::vector<TrackedPerson> people = {Holding(1, 0.2f), Holding(2, 0.5f), Holding(3, 0.8f)};
  const ObjectLooks looks = Look(people, {2, 0});
  EXPECT_THAT(looks.track_ids, ElementsAre(3u, 1u)) << "also those at whom nothing was seen";
  EXPECT_THAT(looks.objects, IsEmpty());
  EXPECT_THAT(probe_.calls(), ElementsAre(SizeIs(2)));
  EXPECT_EQ(metrics_.Value("aislewatch_pose_object_run_seconds"), 1);
}

TEST_F(ObjectSpotterTest, LooksAtBothHandsOfAPersonInOneLook) {
  probe_.Show({{kPhone, 0.7f, kInHand}});
  const ObjectLooks looks = Look({WithBothHands(1, 0.5f)}, {0});
  EXPECT_THAT(probe_.calls(), ElementsAre(SizeIs(2)));
  EXPECT_THAT(looks.track_ids, ElementsAre(1u));
  ASSERT_THAT(looks.objects, SizeIs(2));
  EXPECT_NEAR(looks.objects[0].box.x - looks.objects[1].box.x, 0.28f * 0.6f * 360 / 640, 0.005f);
  EXPECT_EQ(Looks("ok"), 1) << "a person, not hands";
}

TEST_F(ObjectSpotterTest, WithoutATurnTheModelIsNotAsked) {
  EXPECT_THAT(Look({Holding(1, 0.5f)}, {}).track_ids, IsEmpty());
  EXPECT_THAT(probe_.calls(), IsEmpty());
}

TEST_F(ObjectSpotterTest, AModelThatFailsHasLookedAtNobody) {
  probe_.FailWith(absl::InternalError("out of memory"));
  const ObjectLooks looks = Look({Holding(1, 0.5f)}, {0});
  EXPECT_THAT(looks.track_ids, IsEmpty());
  EXPECT_THAT(looks.objects, IsEmpty());
  EXPECT_EQ(Looks("failed"), 1);
  probe_.FailWith(absl::OkStatus());
  EXPECT_THAT(Look({Holding(1, 0.5f)}, {0}).track_ids, ElementsAre(1u));
}

TEST_F(ObjectSpotterTest, WhatIsRatherAPhoneIsNoKnife) {
  probe_.Show({{kPhone, 0.7f, kInHand}, {kKnife, 0.6f, kInHand}});
  const ObjectLooks looks = Look({Holding(1, 0.5f)}, {0});
  ASSERT_THAT(looks.objects, SizeIs(1));
  EXPECT_EQ(looks.objects[0].name, "phone");
  EXPECT_FALSE(looks.objects[0].weapon);
}

TEST_F(ObjectSpotterTest, WhatIsDoubtedIsLeftOut) {
  probe_.Show({{kKnife, 0.09f, kInHand}});
  EXPECT_THAT(Look({Holding(1, 0.5f)}, {0}).objects, IsEmpty());
}

TEST_F(ObjectSpotterTest, AThingIsHeldByWhoseHandIsNearest) {
  // Shoulder to shoulder, so that the knife of one is in the picture of the other, too.
  const std::vector<TrackedPerson> people = {Holding(1, 0.5f), Holding(2, 0.55f)};
  probe_.Show({{kKnife, 0.8f, kInHand}});
  const ObjectLooks looks = Look(people, {0, 1});
  ASSERT_THAT(looks.objects, SizeIs(2)) << "each holds what is in their own hand";
  // Where the other one's hand is in the picture of the first.
  probe_.Show({{kKnife, 0.8f, {0.8f, 0.47f, 0.06f, 0.06f}}});
  EXPECT_THAT(Look(people, {0}).objects, IsEmpty());
}

TEST_F(ObjectSpotterTest, IsPreparedForEveryNumberOfPeople) {
  EXPECT_TRUE(spotter_.Prepare(2).ok());
  EXPECT_THAT(probe_.calls(), ElementsAre(SizeIs(1), SizeIs(2), SizeIs(3), SizeIs(4)));
  probe_.FailWith(absl::InternalError("wrong shape"));
  EXPECT_THAT(std::string(spotter_.Prepare(1).message()),
              HasSubstr("warming up fake-objects/1 with 1 pictures: wrong shape"));
}

}  // namespace
}  // namespace aislewatch::pose
