#include "common/scene/scene.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Zone Triangle(std::string id) {
  return {std::move(id), "", ZoneKind::kShelf, {{0, 0}, {1, 0}, {0, 1}}};
}

Rule Named(std::string id, IncidentKind kind) {
  Rule rule = DefaultRule(kind);
  rule.id = std::move(id);
  return rule;
}

TEST(DefaultRule, IsValidForEveryKindThatARuleCanRaise) {
  for (size_t i = 0; i < kIncidentKindNames.size(); ++i) {
    const auto kind = static_cast<IncidentKind>(i);
    EXPECT_EQ(RuleFaults(Named("r", kind), {}).empty(), IsRuleKind(kind)) << Name(kind);
  }
}

TEST(RuleFaults, NamesRuleFieldAndRemedy) {
  const struct {
    IncidentKind kind;
    void (*spoil)(Rule&);
    std::string fault;
  } kCases[] = {
      {IncidentKind::kLoitering, [](Rule& r) { r.id = "a b"; }, "rule_id \"a b\" must be 1..64"},
      {IncidentKind::kLoitering, [](Rule& r) { r.id = "a:b"; }, "rule_id \"a:b\" must be 1..64"},
      {IncidentKind::kLoitering, [](Rule& r) { r.min_duration = absl::ZeroDuration(); },
       "min_duration is 0; write a duration in 1s..24h"},
      {IncidentKind::kLoitering, [](Rule& r) { r.min_duration = absl::InfiniteDuration(); },
       "min_duration is inf"},
      {IncidentKind::kLoitering, [](Rule& r) { r.min_risk = 0.5f; }, "min_risk is for concealment"},
      {IncidentKind::kLoitering, [](Rule& r) { r.min_people = 5; }, "min_people is for crowd"},
      {IncidentKind::kLoitering, [](Rule& r) { r.cooldown = absl::Seconds(-1); },
       "cooldown is -1s"},
      {IncidentKind::kLoitering, [](Rule& r) { r.severity = Severity::kUnspecified; },
       "severity must be info, warning or critical"},
      {IncidentKind::kLoitering, [](Rule& r) { r.fire_once_per = FireOncePer::kUnspecified; },
       "fire_once_per must be track, zone or visit"},
      {IncidentKind::kLoitering, [](Rule& r) { r.escalate_after = absl::ZeroDuration(); },
       "escalate_after is 0"},
      {IncidentKind::kLoitering, [](Rule& r) { r.zone_ids = {"till"}; },
       "rule \"r\": the camera has no zone \"till\""},
      {IncidentKind::kFight, [](Rule& r) { r.min_risk = 1.5f; }, "min_risk is 1.5; write"},
      {IncidentKind::kFight, [](Rule& r) { r.min_risk = std::numeric_limits<float>::quiet_NaN(); },
       "min_risk is nan"},
      {IncidentKind::kCrowd, [](Rule& r) { r.min_people = 1; }, "min_people is 1; write"},
      {IncidentKind::kWeapon, [](Rule& r) { r.min_risk = 0; }, "min_risk is 0; write"},
      {IncidentKind::kUnspecified, [](Rule&) {}, "kind must be concealment, loitering"},
  };
  const std::vector<Zone> zones = {Triangle("shelf")};
  for (const auto& c : kCases) {
    Rule rule = Named("r", c.kind);
    c.spoil(rule);
    EXPECT_THAT(absl::StrJoin(RuleFaults(rule, zones), "; "), HasSubstr(c.fault));
  }
}

TEST(RuleFaults, UnknownZonesAreFineWhereZonesAreNotKnownYet) {
  Rule rule = Named("r", IncidentKind::kLoitering);
  rule.zone_ids = {"till"};
  EXPECT_THAT(RuleFaults(rule, std::nullopt), IsEmpty());
}

TEST(SceneFaults, ListsTheFaultsOfEveryZoneAndRule) {
  Scene scene;
  scene.zones = {Triangle("a"), Triangle("a"), Triangle("b"), Triangle("c")};
  scene.zones[2].polygon.pop_back();
  scene.zones[3].kind = ZoneKind::kUnspecified;
  scene.rules = {Named("x", IncidentKind::kCrowd), Named("x", IncidentKind::kFight)};
  scene.rules[0].min_people = 0;
  scene.rules[1].zone_ids = {"z"};
  const std::string faults = absl::StrJoin(SceneFaults(scene), "; ");
  for (const char* fault :
       {"two zones \"a\"", "zone \"b\": a polygon needs 3..64 corners, not 2",
        "zone \"c\": kind must be", "two rules \"x\"", "min_people is 0", "no zone \"z\""}) {
    EXPECT_THAT(faults, HasSubstr(fault));
  }
}

TEST(SceneFaults, OverlongListsAreOneFaultEach) {
  Scene scene;
  for (int i = 0; i < 100; ++i) {
    scene.zones.push_back({absl::StrCat("z", i), "", ZoneKind::kUnspecified, {}});
    scene.rules.push_back(Named(absl::StrCat("r", i), IncidentKind::kUnspecified));
  }
  EXPECT_THAT(SceneFaults(scene), SizeIs(2));
}

TEST(JoinFaults, StaysShortAndSaysHowManyAreLeftOut) {
  EXPECT_EQ(JoinFaults({}), "");
  EXPECT_EQ(JoinFaults({"a", "b"}), "a; b");
  const std::string joined = JoinFaults(std::vector<std::string>(1000, std::string(100, 'x')));
  EXPECT_LT(joined.size(), 3100u);
  EXPECT_THAT(joined, HasSubstr("; and 971 more"));
}

}  // namespace
}  // namespace aislewatch
