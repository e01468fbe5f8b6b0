#include "services/fusion/core/zone_attention.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Heading kToTheWindow{1, 0};
constexpr Heading kAlong{0, 1};

// A window on the right side of a square picture. Bodies of 0.2 are near it from x = 0.3 on, and
// reach it with looks from 0.2 on.
class ZoneAttentionTest : public ::testing::Test {
 protected:
  void Step(float x, std::optional<Heading> head, absl::Duration by = absl::Milliseconds(100)) {
    now_ += by;
    ZoneAttention::Sample sample;
    sample.standing = {x, 0.5f};
    sample.body_height = 0.2f;
    sample.head = head;
    sample.now = now_;
    sample.captured = now_ + absl::Hours(1);
    stays_.Update(zones_, sample.standing, now_);
    attention_.Update(zones_, sample, stays_.Stays(), ended_);
  }
  void Play(absl::Duration duration, float x, std::optional<Heading> head) {
    for (absl::Duration t; t < duration; t += absl::Milliseconds(100)) Step(x, head);
  }
  const Visit& EndedVisit() {
    Play(absl::Seconds(12), 0.05f, kAlong);
    EXPECT_THAT(ended_, SizeIs(1));
    return ended_.at(0);
  }

  const std::vector<Zone> zones_ = {Rectangle("window", ZoneKind::kStorefront, 0.6f, 0, 1, 1),
                                    Rectangle("till", ZoneKind::kCheckout, 0.6f, 0, 1, 1)};
  absl::Time now_ = absl::FromUnixSeconds(1000);
  ZoneStays stays_;
  ZoneAttention attention_;
  std::vector<Visit> ended_;
};

TEST_F(ZoneAttentionTest, WhoPassesWithoutALookIsAPasserBy) {
  Play(absl::Seconds(3), 0.4f, kAlong);
  EXPECT_THAT(attention_.LookedAt(), IsEmpty());
  const Visit& visit = EndedVisit();
  EXPECT_EQ(visit.zone_id, "window");
  EXPECT_EQ(visit.zone_kind, ZoneKind::kStorefront);
  EXPECT_FALSE(visit.looked || visit.entered || visit.looked_before_entering);
  EXPECT_EQ(visit.begin, absl::FromUnixSeconds(1000) + absl::Hours(1) + absl::Milliseconds(100));
  EXPECT_EQ(visit.end - visit.begin, absl::Milliseconds(2900));
  EXPECT_EQ(visit.looking_time, absl::ZeroDuration());
}

TEST_F(ZoneAttentionTest, WhoStaysFarIsNoPasserBy) {
  Play(absl::Seconds(3), 0.25f, kToTheWindow);
  attention_.End(zones_, ended_);
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(ZoneAttentionTest, LookingTimeIsTheTimeThatTheHeadIsTurned) {
  Play(absl::Seconds(1), 0.4f, kAlong);
  Play(absl::Seconds(2), 0.4f, kToTheWindow);
  EXPECT_THAT(attention_.LookedAt(), ElementsAre(0));
  Play(absl::Seconds(1), 0.4f, kAlong);
  EXPECT_THAT(attention_.LookedAt(), IsEmpty());
  const Visit& visit = EndedVisit();
  EXPECT_TRUE(visit.looked);
  EXPECT_FALSE(visit.entered);
  // The head's direction is averaged over a quarter of a second.
  EXPECT_NEAR(absl::ToDoubleSeconds(visit.looking_time), 1.9, 0.45);
}

TEST_F(ZoneAttentionTest, AGlanceDoesNotCount) {
  Play(absl::Seconds(1), 0.4f, kAlong);
  Play(absl::Milliseconds(200), 0.4f, kToTheWindow);
  Play(absl::Seconds(1), 0.4f, kAlong);
  EXPECT_FALSE(EndedVisit().looked);
}

TEST_F(ZoneAttentionTest, AGapInWhichTheHeadIsNotToldIsBridged) {
  Play(absl::Milliseconds(500), 0.4f, kToTheWindow);
  Play(absl::Milliseconds(400), 0.4f, std::nullopt);
  Play(absl::Milliseconds(500), 0.4f, kToTheWindow);
  // The first look of 0.4 s and this one, with what lies between.
  EXPECT_EQ(EndedVisit().looking_time, absl::Milliseconds(1300));
}

TEST_F(ZoneAttentionTest, TwoLooksAreAddedWithoutWhatLiesBetween) {
  Play(absl::Seconds(1), 0.4f, kToTheWindow);
  Play(absl::Seconds(2), 0.4f, std::nullopt);
  Play(absl::Seconds(1), 0.4f, kToTheWindow);
  EXPECT_EQ(EndedVisit().looking_time, absl::Milliseconds(1800));
}

TEST_F(ZoneAttentionTest, WhoCannotBeToldDoesNotLook) {
  Play(absl::Seconds(3), 0.4f, std::nullopt);
  EXPECT_FALSE(EndedVisit().looked);
}

TEST_F(ZoneAttentionTest, LooksFromAfarAreNoLooks) {
  // Near would be far enough away for no look, were near not nearer than the reach; so ask the
  // reach of a zone that lies ahead, but beyond a look, on the slant.
  Play(absl::Seconds(2), 0.32f, Heading{0.5f, 0.866f});
  EXPECT_FALSE(EndedVisit().looked);
}

TEST_F(ZoneAttentionTest, LookingBeforeEnteringIsTold) {
  Play(absl::Seconds(1), 0.4f, kToTheWindow);
  Play(absl::Seconds(2), 0.7f, std::nullopt);
  const Visit& visit = EndedVisit();
  EXPECT_TRUE(visit.looked && visit.entered && visit.looked_before_entering);
  EXPECT_NEAR(absl::ToDoubleSeconds(visit.dwell), 1.9, 0.11);
}

TEST_F(ZoneAttentionTest, LookingAfterEnteringIsNoLookBefore) {
  Play(absl::Seconds(1), 0.4f, kAlong);
  Play(absl::Seconds(1), 0.7f, std::nullopt);
  Play(absl::Seconds(1), 0.7f, kToTheWindow);
  const Visit& visit = EndedVisit();
  EXPECT_TRUE(visit.looked && visit.entered);
  EXPECT_FALSE(visit.looked_before_entering);
}

TEST_F(ZoneAttentionTest, WhoWalksLooksWhereTheyGoAndAtAZoneOnlyWhereTheyEnterIt) {
  // Half a body height in a second towards the window, which is faced all the while.
  float x = 0.4f;
  for (; x < 0.55f; x += 0.01f) Step(x, kToTheWindow);
  EXPECT_THAT(attention_.LookedAt(), IsEmpty());
  for (; x > 0.4f; x -= 0.01f) Step(x, kAlong);
  EXPECT_FALSE(EndedVisit().looked);
  ended_.clear();
  Play(absl::Seconds(1), 0.4f, kAlong);
  for (x = 0.4f; x < 0.7f; x += 0.01f) Step(x, kToTheWindow);
  const Visit& visit = EndedVisit();
  EXPECT_TRUE(visit.entered && visit.looked_before_entering);
}

TEST_F(ZoneAttentionTest, WhoTurnsTheHeadWhileWalkingLooks) {
  for (float y = 0.2f; y < 0.6f; y += 0.01f) {
    now_ += absl::Milliseconds(100);
    ZoneAttention::Sample sample;
    sample.standing = {0.45f, y};
    sample.body_height = 0.2f;
    sample.head = kToTheWindow;
    sample.now = sample.captured = now_;
    attention_.Update(zones_, sample, {}, ended_);
  }
  EXPECT_THAT(attention_.LookedAt(), ElementsAre(0));
}

TEST_F(ZoneAttentionTest, WhoStandsInItAndLooksOutDoesNotLookAtIt) {
  // 0.02 ahead of who looks out to the left, 0.38 of who looks in; a quarter of the body is 0.05.
  Play(absl::Seconds(2), 0.62f, Heading{-1, 0});
  const Visit& visit = EndedVisit();
  EXPECT_TRUE(visit.entered);
  EXPECT_FALSE(visit.looked);
}

TEST_F(ZoneAttentionTest, AStepIntoTheZoneIsNoEntering) {
  Play(absl::Seconds(1), 0.5f, kAlong);
  Play(absl::Milliseconds(300), 0.65f, kAlong);
  Play(absl::Seconds(1), 0.5f, kAlong);
  EXPECT_FALSE(EndedVisit().entered);
}

TEST_F(ZoneAttentionTest, ComingBackSoonIsOneVisitAndLateIsTwo) {
  Play(absl::Seconds(1), 0.4f, kAlong);
  Play(absl::Seconds(8), 0.1f, kAlong);
  Play(absl::Seconds(1), 0.4f, kAlong);
  EXPECT_THAT(ended_, IsEmpty());
  Step(0.4f, kAlong, absl::Seconds(11));
  Play(absl::Seconds(1), 0.4f, kAlong);
  EXPECT_THAT(ended_, SizeIs(1));
  attention_.End(zones_, ended_);
  EXPECT_THAT(ended_, SizeIs(2));
}

TEST_F(ZoneAttentionTest, WhoIsNotSeenHasLeftAfterAWhile) {
  Play(absl::Seconds(1), 0.4f, kAlong);
  attention_.Pass(zones_, now_ + absl::Seconds(10), ended_);
  EXPECT_THAT(ended_, IsEmpty());
  attention_.Pass(zones_, now_ + absl::Seconds(11), ended_);
  ASSERT_THAT(ended_, SizeIs(1));
  EXPECT_EQ(ended_[0].end - ended_[0].begin, absl::Milliseconds(900));
}

TEST_F(ZoneAttentionTest, AFalseFindOfOneFrameIsNoVisit) {
  Step(0.4f, kToTheWindow);
  attention_.End(zones_, ended_);
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(ZoneAttentionTest, NumbersThatAreNoneAreHarmless) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, infinity, -infinity, -1.0f, 0.0f, 3e38f}) {
    ZoneAttention::Sample sample;
    sample.now = now_ += absl::Milliseconds(100);
    sample.standing = {0.4f, bad};
    sample.body_height = 0.2f;
    attention_.Update(zones_, sample, {}, ended_);
    sample.standing = {0.4f, 0.5f};
    sample.body_height = bad;
    attention_.Update(zones_, sample, {}, ended_);
    sample.body_height = 0.2f;
    sample.aspect = bad;
    attention_.Update(zones_, sample, {}, ended_);
    sample.aspect = 1;
    sample.head = Heading{bad, bad};
    attention_.Update(zones_, sample, {}, ended_);
  }
  Play(absl::Seconds(2), 0.4f, kToTheWindow);
  EXPECT_TRUE(EndedVisit().looked);
}

}  // namespace
}  // namespace aislewatch::fusion
