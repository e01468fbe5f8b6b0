// Visits as a whole stream tells them.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Scene WithAWindow() {
  return {{Rectangle("window", ZoneKind::kStorefront, 0.6f, 0, 1, 1),
           Rectangle("till", ZoneKind::kCheckout, 0.6f, 0, 1, 1)},
          {}};
}

// Somebody in profile who faces the right side of the picture, or its left.
ObservedPerson Facing(uint64_t id, float x, float side) {
  ObservedPerson person = Person(id, {x, 0.6f});
  for (Keypoint& joint : person.tracked.person.keypoints) joint.confidence = 0;
  const auto put = [&](Joint joint, float forward) {
    person.tracked.person.keypoints[static_cast<size_t>(joint)] = {x + side * forward, 0.25f, 0.9f};
  };
  // Of a body of 0.4 in a 16:9 picture: the face is 0.057 * 0.4 * 9/16 ahead of the ears.
  put(Joint::kNose, 0.0128f);
  put(Joint::kLeftEye, 0.0128f);
  put(Joint::kLeftEar, 0);
  return person;
}

TEST(FusionVisits, ALookIsToldWhileItLastsAndTheVisitWhenItIsOver) {
  StreamDriver driver(WithAWindow());
  Judgement judgement;
  for (int i = 0; i < 20; ++i) judgement = driver.Frame({Facing(7, 0.5f, 1)});
  EXPECT_THAT(judgement.visits, IsEmpty());
  ASSERT_THAT(judgement.people, SizeIs(1));
  EXPECT_THAT(judgement.people[0].looking_at_zone_ids, ElementsAre("window"));
  for (int i = 0; i < 10; ++i) judgement = driver.Frame({Facing(7, 0.5f, -1)});
  EXPECT_THAT(judgement.people[0].looking_at_zone_ids, IsEmpty());
  std::vector<Visit> visits;
  for (int i = 0; i < 110; ++i) {
    for (Visit& visit : driver.Frame({}).visits) visits.push_back(visit);
  }
  ASSERT_THAT(visits, SizeIs(1));
  EXPECT_EQ(visits[0].track_id, 7u);
  EXPECT_EQ(visits[0].zone_id, "window");
  EXPECT_NE(visits[0].id, "");
  EXPECT_TRUE(visits[0].looked);
  EXPECT_NEAR(absl::ToDoubleSeconds(visits[0].looking_time), 1.9, 0.35);
  EXPECT_EQ(visits[0].end - visits[0].begin, absl::Milliseconds(2900));
  EXPECT_EQ(driver.Metric("visits_total", {{"kind", "storefront"}}), 1);
}

TEST(FusionVisits, TheEndOfTheStreamEndsThem) {
  StreamDriver driver(WithAWindow());
  for (int i = 0; i < 20; ++i) driver.Frame({Facing(1, 0.5f, -1), Facing(2, 0.7f, 1)});
  const Judgement judgement = driver.Last();
  ASSERT_THAT(judgement.visits, SizeIs(2));
  for (const Visit& visit : judgement.visits) {
    EXPECT_EQ(visit.entered, visit.track_id == 2);
    EXPECT_EQ(visit.looked, visit.track_id == 2);
  }
  EXPECT_NE(judgement.visits[0].id, judgement.visits[1].id);
  EXPECT_THAT(driver.Last().visits, IsEmpty());
}

TEST(FusionVisits, AClockThatJumpsMakesNoVisitOfYears) {
  StreamDriver driver(WithAWindow());
  for (int i = 0; i < 20; ++i) driver.Frame({Facing(1, 0.5f, 1)});
  driver.Skip(-absl::Hours(24 * 365));
  for (int i = 0; i < 20; ++i) driver.Frame({Facing(1, 0.5f, 1)});
  const Judgement judgement = driver.Last();
  ASSERT_THAT(judgement.visits, SizeIs(1));
  const Visit& visit = judgement.visits[0];
  EXPECT_EQ(visit.end - visit.begin, absl::Milliseconds(3800));
  EXPECT_LE(visit.looking_time, visit.end - visit.begin);
}

TEST(FusionVisits, NobodyVisitsATill) {
  StreamDriver driver({{Rectangle("till", ZoneKind::kCheckout, 0, 0, 1, 1)}, {}});
  for (int i = 0; i < 20; ++i) driver.Frame({Facing(1, 0.5f, 1)});
  EXPECT_THAT(driver.Last().visits, IsEmpty());
}

}  // namespace
}  // namespace aislewatch::fusion
