#include "common/scene/yaml_scene.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(YamlScene, ReadsZonesAndRulesWithDefaults) {
  auto file = YamlFile::Parse(R"(
zones:
  - zone_id: store-room
    name: Store room
    kind: restricted
    polygon: [[0.7, 0.1], [1, 0.1], [1, 0.9]]
rules:
  - rule_id: staff-only
    kind: restricted_zone
    zone_ids: [store-room]
    severity: critical
    min_duration: 2s
    escalate_after: 1m
  - rule_id: full
    kind: crowd
)",
                              "shop.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  const std::vector<Zone> zones = ReadZones(file->root());
  const std::vector<Rule> rules = ReadRules(file->root(), zones);
  ASSERT_TRUE(file->status().ok()) << file->status();
  ASSERT_THAT(zones, SizeIs(1));
  EXPECT_EQ(zones[0].name, "Store room");
  EXPECT_EQ(zones[0].kind, ZoneKind::kRestricted);
  EXPECT_EQ(zones[0].polygon[2].y, 0.9f);
  ASSERT_THAT(rules, SizeIs(2));
  EXPECT_EQ(rules[0].kind, IncidentKind::kRestrictedZone);
  EXPECT_EQ(rules[0].severity, Severity::kCritical);
  EXPECT_THAT(rules[0].zone_ids, ElementsAre("store-room"));
  EXPECT_EQ(rules[0].min_duration, absl::Seconds(2));
  EXPECT_EQ(rules[0].escalate_after, absl::Minutes(1));
  EXPECT_EQ(rules[0].cooldown, DefaultRule(IncidentKind::kRestrictedZone).cooldown);
  EXPECT_EQ(rules[1].min_people, DefaultRule(IncidentKind::kCrowd).min_people);
  EXPECT_EQ(rules[1].fire_once_per, FireOncePer::kZone);
}

TEST(YamlScene, ReportsEveryFaultWithItsLine) {
  auto file = YamlFile::Parse(R"(zones:
  - zone_id: till
    kind: chekout
    polygon: [[0, 0], [1, 1]]
  - kind: exit
    polygon: [[0, 0], [1, 1], [1, 0], [0, 1]]
rules:
  - rule_id: staff-only
    kind: restricted_zone
    zone_ids: [tills]
    min_risk: 0.5
  - rule_id: lurk
    kind: loitering
    min_duration: 0s
    severity: urgent
  - rule_id: lurk
    kind: weapons
)",
                              "shop.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  const std::vector<Zone> zones = ReadZones(file->root());
  ReadRules(file->root(), zones);
  EXPECT_EQ(std::string(file->status().message()),
            R"(shop.yaml:2:5: zone "till": a polygon needs 3..64 corners, not 2
shop.yaml:3:11: "kind" is "chekout"; did you mean "checkout"?
shop.yaml:5:5: "zone_id" is missing; add a line "zone_id: ..."
shop.yaml:5:5: zone "unnamed": the edges after corners 1 and 3 cross or touch; list the corners in order
shop.yaml:8:3: there are two rules "lurk"; give each its own id
shop.yaml:8:5: rule "staff-only": the camera has no zone "tills"; add the zone or correct zone_ids
shop.yaml:11:5: unknown key "min_risk"; known are: cooldown, escalate_after, fire_once_per, kind, min_duration, rule_id, severity, zone_ids
shop.yaml:12:5: rule "lurk": min_duration is 0; write a duration in 1s..24h
shop.yaml:15:15: "severity" is "urgent"; known are: info, warning, critical
shop.yaml:17:11: "kind" is "weapons"; did you mean "weapon"?)");
}

}  // namespace
}  // namespace aislewatch
