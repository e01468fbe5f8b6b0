// What each kind of rule raises, played through a whole stream.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr NormalizedPoint kInLeft = {0.2f, 0.5f};
constexpr NormalizedPoint kInRight = {0.8f, 0.5f};

const Zone kLeftShelf = Rectangle("shelf", ZoneKind::kShelf, 0, 0, 0.45f, 1);
const Zone kLeftCheckout = Rectangle("till", ZoneKind::kCheckout, 0, 0, 0.45f, 1);
const Zone kRightExit = Rectangle("door", ZoneKind::kExit, 0.55f, 0, 1, 1);
const Zone kRightRestricted = Rectangle("store-room", ZoneKind::kRestricted, 0.55f, 0, 1, 1);

StreamDriver With(Rule rule, std::vector<Zone> zones = {}) {
  return StreamDriver(Scene{std::move(zones), {std::move(rule)}});
}

Rule Loitering(absl::Duration after, std::vector<std::string> zone_ids = {}) {
  Rule rule = MakeRule("lurk", IncidentKind::kLoitering);
  rule.min_duration = after;
  rule.zone_ids = std::move(zone_ids);
  return rule;
}

TEST(ConcealmentRule, FiresAboutHalfASecondAfterTheClassifierIsSure) {
  StreamDriver driver = With(MakeRule("hide", IncidentKind::kConcealment));
  EXPECT_THAT(driver.Play(absl::Seconds(5), {Doing(Person(1), Action::kNormal, 0.9f)}), IsEmpty());
  const absl::Time begin = driver.now();
  const auto transitions = driver.Play(absl::Seconds(1), {Concealing(1)});
  ASSERT_THAT(transitions, SizeIs(1));
  EXPECT_EQ(transitions[0].incident.kind, IncidentKind::kConcealment);
  EXPECT_EQ(transitions[0].incident.severity, Severity::kWarning);
  EXPECT_EQ(transitions[0].time - begin, absl::Milliseconds(500));
}

TEST(ConcealmentRule, AShortSpikeRaisesNothing) {
  StreamDriver driver = With(MakeRule("hide", IncidentKind::kConcealment));
  driver.Play(absl::Seconds(2), {Doing(Person(1), Action::kNormal, 0.9f)});
  driver.Play(absl::Milliseconds(300), {Concealing(1, 0.99f)});
  driver.Play(absl::Seconds(2), {Doing(Person(1), Action::kNormal, 0.9f)});
  EXPECT_THAT(driver.all(), IsEmpty());
}

TEST(ConcealmentRule, UnusualPosesAloneRaiseNothing) {
  StreamDriver driver = With(MakeRule("hide", IncidentKind::kConcealment),
                             {Rectangle("shelf", ZoneKind::kShelf, 0, 0, 1, 1)});
  driver.Play(absl::Minutes(10), {Person(1, kInLeft, 1.0f)});
  EXPECT_THAT(driver.all(), IsEmpty());
}

TEST(ConcealmentRule, OverwhelmingRiskIsCritical) {
  StreamDriver driver = With(MakeRule("hide", IncidentKind::kConcealment));
  const auto transitions = driver.Play(absl::Seconds(2), {Concealing(1, 0.99f)});
  ASSERT_THAT(transitions, SizeIs(1));
  EXPECT_EQ(transitions[0].incident.severity, Severity::kCritical);
}

TEST(ConcealmentRule, CountsOnlyInItsZonesWhereItNamesAny) {
  Rule rule = MakeRule("hide", IncidentKind::kConcealment);
  rule.zone_ids = {"shelf"};
  StreamDriver driver = With(rule, {kLeftShelf});
  driver.Play(absl::Seconds(3), {Concealing(1, 0.92f, kInRight)});
  EXPECT_THAT(driver.all(), IsEmpty());
  driver.Play(absl::Seconds(3), {Concealing(1, 0.92f, kInLeft)});
  ASSERT_THAT(driver.all(), SizeIs(1));
  EXPECT_THAT(driver.all()[0].incident.zone_ids, ElementsAre("shelf"));
}

TEST(ConcealmentRule, MinDurationAddsToTheConfirmation) {
  Rule rule = MakeRule("hide", IncidentKind::kConcealment);
  rule.min_duration = absl::Seconds(2);
  StreamDriver driver = With(rule);
  const absl::Time begin = driver.now();
  driver.Play(absl::Seconds(4), {Concealing(1)});
  ASSERT_THAT(driver.all(), SizeIs(1));
  EXPECT_EQ(driver.all()[0].time - begin, absl::Milliseconds(2500));
}

TEST(FightRule, FiresOnTheClassifiersWordAndNamesItsParts) {
  StreamDriver driver = With(MakeRule("brawl", IncidentKind::kFight));
  driver.Play(absl::Seconds(1), {Doing(Person(1), Action::kFighting, 0.92f),
                                 Doing(Person(2), Action::kFighting, 0.9f)});
  ASSERT_THAT(driver.all(), SizeIs(1));
  const Incident& incident = driver.all()[0].incident;
  EXPECT_EQ(incident.kind, IncidentKind::kFight);
  EXPECT_EQ(incident.severity, Severity::kCritical);
  EXPECT_THAT(incident.tracks, SizeIs(2));
  EXPECT_EQ(incident.parts[1].name, "clip_fighting");
}

TEST(LoiteringRule, FiresAfterItsTimeInThePicture) {
  StreamDriver driver = With(Loitering(absl::Seconds(30)));
  EXPECT_THAT(driver.Play(absl::Seconds(30), {Person(1)}), IsEmpty());
  ASSERT_THAT(driver.Play(absl::Milliseconds(100), {Person(1)}), SizeIs(1));
  EXPECT_EQ(driver.all()[0].incident.kind, IncidentKind::kLoitering);
  EXPECT_EQ(driver.all()[0].incident.severity, Severity::kInfo);
}

TEST(LoiteringRule, CountsTheTimeInItsZoneOnly) {
  StreamDriver driver = With(Loitering(absl::Seconds(10), {"door"}), {kRightExit});
  driver.Play(absl::Seconds(60), {Person(1, kInLeft)});
  EXPECT_THAT(driver.Play(absl::Seconds(10), {Person(1, kInRight)}), IsEmpty());
  EXPECT_THAT(driver.Play(absl::Seconds(1), {Person(1, kInRight)}), SizeIs(1));
}

TEST(LoiteringRule, BridgesMomentsInWhichThePersonIsHidden) {
  StreamDriver driver = With(Loitering(absl::Seconds(10)));
  driver.Play(absl::Seconds(6), {Person(1)});
  driver.Play(absl::Seconds(3), {});
  EXPECT_THAT(driver.Play(absl::Seconds(2), {Person(1)}), SizeIs(1));
}

TEST(LoiteringRule, APersonGoneForLongIsSomebodyNew) {
  StreamDriver driver = With(Loitering(absl::Seconds(10)));
  driver.Play(absl::Seconds(9), {Person(1)});
  driver.Play(TrackBook::kForgetAfter + absl::Seconds(2), {});
  EXPECT_THAT(driver.Play(absl::Seconds(9), {Person(1)}), IsEmpty());
}

TEST(RestrictedZoneRule, LooksAtEveryRestrictedZoneWhereItNamesNone) {
  StreamDriver driver =
      With(MakeRule("staff", IncidentKind::kRestrictedZone), {kLeftShelf, kRightRestricted});
  driver.Play(absl::Seconds(5), {Person(1, kInLeft)});
  EXPECT_THAT(driver.all(), IsEmpty());
  driver.Play(absl::Milliseconds(400), {Person(1, kInRight)});
  EXPECT_THAT(driver.all(), IsEmpty());
  driver.Play(absl::Milliseconds(300), {Person(1, kInRight)});
  ASSERT_THAT(driver.all(), SizeIs(1));
  EXPECT_EQ(driver.all()[0].incident.kind, IncidentKind::kRestrictedZone);
  EXPECT_THAT(driver.all()[0].incident.zone_ids, ElementsAre("store-room"));
}

TEST(RestrictedZoneRule, WithoutSuchAZoneItKeepsStill) {
  StreamDriver driver = With(MakeRule("staff", IncidentKind::kRestrictedZone), {kLeftShelf});
  driver.Play(absl::Minutes(1), {Person(1, kInLeft), Person(2, kInRight)});
  EXPECT_THAT(driver.all(), IsEmpty());
}

std::vector<ObservedPerson> People(uint64_t count, NormalizedPoint foot = {0.5f, 0.5f}) {
  std::vector<ObservedPerson> people;
  for (uint64_t id = 1; id <= count; ++id) people.push_back(Person(id, foot));
  return people;
}

Rule Crowd(int min_people, absl::Duration after) {
  Rule rule = MakeRule("full", IncidentKind::kCrowd);
  rule.min_people = min_people;
  rule.min_duration = after;
  return rule;
}

TEST(CrowdRule, FiresOnceEnoughPeopleHaveBeenThereForItsTime) {
  StreamDriver driver = With(Crowd(5, absl::Seconds(4)));
  driver.Play(absl::Seconds(10), People(4));
  EXPECT_THAT(driver.Play(absl::Seconds(4), People(5)), IsEmpty());
  const auto transitions = driver.Play(absl::Seconds(1), People(6));
  ASSERT_THAT(transitions, SizeIs(1));
  EXPECT_EQ(transitions[0].incident.kind, IncidentKind::kCrowd);
  EXPECT_THAT(transitions[0].incident.tracks, SizeIs(6));
}

TEST(CrowdRule, SomebodyHiddenForAMomentDoesNotEndIt) {
  StreamDriver driver = With(Crowd(5, absl::Seconds(4)));
  driver.Play(absl::Seconds(2), People(5));
  driver.Play(absl::Seconds(1), People(4));
  EXPECT_THAT(driver.Play(absl::Seconds(2), People(5)), SizeIs(1));
}

TEST(CrowdRule, CountsEachZoneByItself) {
  Rule rule = Crowd(3, absl::Seconds(1));
  rule.zone_ids = {"shelf", "door"};
  StreamDriver driver = With(rule, {kLeftShelf, kRightExit});
  std::vector<ObservedPerson> people = {Person(1, kInLeft), Person(2, kInLeft), Person(3, kInRight),
                                        Person(4, kInRight)};
  EXPECT_THAT(driver.Play(absl::Seconds(5), people), IsEmpty());
  people.push_back(Person(5, kInRight));
  driver.Play(absl::Seconds(2), people);
  ASSERT_THAT(driver.all(), SizeIs(1));
  EXPECT_THAT(driver.all()[0].incident.zone_ids, ElementsAre("door"));
  EXPECT_THAT(driver.all()[0].incident.tracks, SizeIs(3));
}

class CheckoutBypassTest : public ::testing::Test {
 protected:
  void Take() { driver_.Play(absl::Seconds(1), {Doing(Person(1), Action::kTaking, 0.9f)}); }
  void PutBack() { driver_.Play(absl::Seconds(1), {Doing(Person(1), Action::kReturning, 0.9f)}); }
  void Pay(absl::Duration time) { driver_.Play(time, {Person(1, kInLeft)}); }
  void Leave() { driver_.Play(absl::Seconds(1), {Person(1, kInRight)}); }

  StreamDriver driver_ =
      With(MakeRule("bypass", IncidentKind::kCheckoutBypass), {kLeftCheckout, kRightExit});
};

TEST_F(CheckoutBypassTest, FiresForWhoTakesAndLeaves) {
  Take();
  Leave();
  ASSERT_THAT(driver_.all(), SizeIs(1));
  EXPECT_EQ(driver_.all()[0].incident.kind, IncidentKind::kCheckoutBypass);
  EXPECT_THAT(driver_.all()[0].incident.zone_ids, ElementsAre("door"));
}

TEST_F(CheckoutBypassTest, KeepsStillForWhoTakesNothing) {
  Leave();
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(CheckoutBypassTest, KeepsStillForWhoPays) {
  Take();
  Pay(absl::Seconds(4));
  Leave();
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(CheckoutBypassTest, HurryingPastTheCheckoutIsNotPaying) {
  Take();
  Pay(absl::Seconds(2));
  Leave();
  EXPECT_THAT(driver_.all(), SizeIs(1));
}

TEST_F(CheckoutBypassTest, KeepsStillForWhoPutsItBack) {
  Take();
  PutBack();
  Leave();
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(CheckoutBypassTest, WithoutACheckoutZoneItKeepsStill) {
  StreamDriver driver =
      With(MakeRule("bypass", IncidentKind::kCheckoutBypass), {kLeftShelf, kRightExit});
  driver.Play(absl::Seconds(1), {Doing(Person(1), Action::kTaking, 0.9f)});
  driver.Play(absl::Seconds(3), {Person(1, kInRight)});
  EXPECT_THAT(driver.all(), IsEmpty());
}

}  // namespace
}  // namespace aislewatch::fusion
