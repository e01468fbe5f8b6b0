// When a weapon that the object model sees becomes an incident, played through a whole stream.
#include "services/fusion/core/rules/weapon_rule.h"

#include <algorithm>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WeaponRuleTest : public ::testing::Test {
 protected:
  // One frame in three is looked at, as with a look every 300 ms.
  void Play(int looks, const std::vector<SeenObject>& seen, NormalizedPoint foot = {0.5f, 0.5f}) {
    for (int i = 0; i < looks; ++i) {
      driver_.Frame({LookedAt(Person(1, foot), seen)});
      driver_.Play(absl::Milliseconds(200), {Person(1, foot)});
    }
  }

  StreamDriver driver_{Scene{{}, {MakeRule("guns", IncidentKind::kWeapon)}}};
};

const std::vector<SeenObject> kKnife = {Seeing("knife", 0.8f, true)};

TEST_F(WeaponRuleTest, FiresWithTheFifthLookThatSeesAWeapon) {
  Play(4, kKnife);
  EXPECT_THAT(driver_.all(), IsEmpty());
  Play(1, kKnife);
  ASSERT_THAT(driver_.all(), SizeIs(1));
  const Incident& incident = driver_.all()[0].incident;
  EXPECT_EQ(incident.kind, IncidentKind::kWeapon);
  EXPECT_EQ(incident.severity, Severity::kCritical);
  EXPECT_FLOAT_EQ(incident.peak_risk, 0.8f);
  ASSERT_THAT(incident.tracks, SizeIs(1));
  EXPECT_EQ(incident.tracks[0].track_id, 1u);
}

TEST_F(WeaponRuleTest, TheIncidentsPartsNameTheWeapon) {
  Play(5, kKnife);
  ASSERT_THAT(driver_.all(), SizeIs(1));
  std::vector<std::string> names;
  for (const RiskPart& part : driver_.all()[0].incident.parts) names.push_back(part.name);
  EXPECT_THAT(names, ElementsAre("bias", "weapon", "weapon_knife"));
}

TEST_F(WeaponRuleTest, ToleratesLooksThatMissTheWeapon) {
  Play(2, kKnife);
  Play(1, {});
  Play(2, kKnife);
  Play(1, {});
  EXPECT_THAT(driver_.all(), IsEmpty());
  Play(1, kKnife);
  EXPECT_THAT(driver_.all(), SizeIs(1));
}

TEST_F(WeaponRuleTest, ASingleLookRaisesNothingHoweverOftenTheFrameIsSeen) {
  driver_.Frame({LookedAt(Person(1), {Seeing("pistol", 1, true)})});
  driver_.Play(absl::Minutes(1), {Person(1)});
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(WeaponRuleTest, LookAlikesRaiseNothing) {
  Play(100, {Seeing("phone", 0.99f, false), Seeing("umbrella", 0.99f, false)});
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(WeaponRuleTest, KeepsStillWhereNobodyLooks) {
  driver_.Play(absl::Minutes(1), {Person(1), Concealing(2)});
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(WeaponRuleTest, ScoresUnderMinRiskAndNoNumbersRaiseNothing) {
  Play(50, {Seeing("knife", 0.49f, true)});
  Play(50, {Seeing("knife", std::numeric_limits<float>::quiet_NaN(), true)});
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(WeaponRuleTest, LooksThatAreTooFarApartDoNotConfirmEachOther) {
  for (int i = 0; i < 20; ++i) {
    driver_.Frame({LookedAt(Person(1), kKnife)});
    driver_.Play(WeaponRule::kLookLasts + absl::Seconds(1), {Person(1)});
  }
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST_F(WeaponRuleTest, LooksOfACrowdAreAsGoodAsOthers) {
  for (int i = 0; i < 5; ++i) {
    driver_.Frame({LookedAt(Person(1), kKnife)});
    driver_.Play(absl::Seconds(2), {Person(1)});
  }
  EXPECT_THAT(driver_.all(), SizeIs(1));
}

TEST_F(WeaponRuleTest, StaysOneIncidentBetweenLooksAndEndsWhenNoneIsSeen) {
  Play(20, kKnife);
  EXPECT_EQ(driver_.opened(), 1u);
  EXPECT_TRUE(driver_.all().back().incident.open);
  Play(20, {});
  EXPECT_EQ(driver_.opened(), 1u);
  EXPECT_FALSE(driver_.all().back().incident.open);
}

TEST_F(WeaponRuleTest, TheLastAnswerDoesNotLastForEver) {
  Play(6, kKnife);
  ASSERT_EQ(driver_.opened(), 1u);
  driver_.Play(WeaponRule::kLookLasts + IncidentPolicy().close_after + absl::Seconds(1),
               {Person(1)});
  EXPECT_FALSE(driver_.all().back().incident.open) << "the object model is away";
}

TEST_F(WeaponRuleTest, PeopleAreConfirmedEachByThemselves) {
  for (int i = 0; i < 8; ++i) {
    // Now this one, now that one: four looks each.
    driver_.Frame(
        {i % 2 == 0 ? LookedAt(Person(1, {0.1f, 0.5f}), kKnife) : Person(1, {0.1f, 0.5f}),
         i % 2 == 1 ? LookedAt(Person(2, {0.9f, 0.5f}), kKnife) : Person(2, {0.9f, 0.5f})});
  }
  EXPECT_THAT(driver_.all(), IsEmpty());
}

TEST(WeaponRuleZones, HoldsInItsZonesOnlyWhereItNamesAny) {
  Rule rule = MakeRule("guns", IncidentKind::kWeapon);
  rule.zone_ids = {"till"};
  StreamDriver driver(
      Scene{{Rectangle("till", ZoneKind::kCheckout, 0.55f, 0, 1, 1)}, {std::move(rule)}});
  for (int i = 0; i < 10; ++i) driver.Frame({LookedAt(Person(1, {0.2f, 0.5f}), kKnife)});
  EXPECT_THAT(driver.all(), IsEmpty());
  driver.Frame({Person(1, {0.8f, 0.5f})});
  ASSERT_THAT(driver.all(), SizeIs(1)) << "what is in a hand does not change at a line";
  EXPECT_THAT(driver.all()[0].incident.zone_ids, ElementsAre("till"));
}

TEST(WeaponRuleDuration, MinDurationAddsToTheConfirmation) {
  Rule rule = MakeRule("guns", IncidentKind::kWeapon);
  rule.min_duration = absl::Seconds(2);
  StreamDriver driver(Scene{{}, {std::move(rule)}});
  const absl::Time begin = driver.now();
  driver.Play(absl::Seconds(4), {LookedAt(Person(1), kKnife)});
  ASSERT_FALSE(driver.all().empty());
  EXPECT_EQ(driver.all()[0].time - begin, absl::Milliseconds(2500));
}

}  // namespace
}  // namespace aislewatch::fusion
