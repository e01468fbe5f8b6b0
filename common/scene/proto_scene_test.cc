#include "common/scene/proto_scene.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

v1::Zone SomeZone() {
  return ToProto(Zone{"till", "Till 1", ZoneKind::kCheckout, {{0, 0}, {1, 0}, {0, 1}}});
}

TEST(ProtoScene, GoesThereAndBack) {
  Rule rule = DefaultRule(IncidentKind::kRestrictedZone);
  rule.id = "staff-only";
  rule.zone_ids = {"till"};
  rule.min_duration = absl::Milliseconds(1500);
  rule.escalate_after = absl::Minutes(2);
  google::protobuf::RepeatedPtrField<v1::Zone> zones;
  google::protobuf::RepeatedPtrField<v1::Rule> rules;
  *zones.Add() = SomeZone();
  *rules.Add() = ToProto(rule);
  const auto scene = SceneFromProto(zones, rules);
  ASSERT_TRUE(scene.ok()) << scene.status();
  EXPECT_EQ(ToProto(scene->zones[0]).SerializeAsString(), zones[0].SerializeAsString());
  EXPECT_EQ(ToProto(scene->rules[0]).SerializeAsString(), rules[0].SerializeAsString());
}

TEST(ProtoScene, UnsetFieldsTakeTheDefaultsOfTheKind) {
  google::protobuf::RepeatedPtrField<v1::Rule> rules;
  rules.Add()->set_rule_id("lurk");
  rules[0].set_kind(v1::INCIDENT_KIND_LOITERING);
  const auto scene = SceneFromProto({}, rules);
  ASSERT_TRUE(scene.ok()) << scene.status();
  EXPECT_EQ(scene->rules[0].min_duration, absl::Minutes(1));
  EXPECT_EQ(scene->rules[0].severity, Severity::kInfo);
  EXPECT_EQ(scene->rules[0].fire_once_per, FireOncePer::kTrack);
}

TEST(ProtoScene, ListsEveryFaultAndSurvivesAbsurdValues) {
  google::protobuf::RepeatedPtrField<v1::Zone> zones;
  google::protobuf::RepeatedPtrField<v1::Rule> rules;
  *zones.Add() = SomeZone();
  zones[0].mutable_polygon()->RemoveLast();
  auto* crowd = rules.Add();
  crowd->set_rule_id("full");
  crowd->set_kind(v1::INCIDENT_KIND_CROWD);
  crowd->set_min_people(4294967295u);
  auto* future = rules.Add();
  future->set_rule_id("future");
  future->set_kind(static_cast<v1::IncidentKind>(99));
  auto* lurk = rules.Add();
  lurk->set_rule_id("lurk");
  lurk->set_kind(v1::INCIDENT_KIND_LOITERING);
  lurk->mutable_min_duration()->set_seconds(std::numeric_limits<int64_t>::max());
  lurk->mutable_cooldown()->set_nanos(-1);
  lurk->set_severity(static_cast<v1::Severity>(-7));
  const absl::Status status = SceneFromProto(zones, rules).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const char* fault : {"zone \"till\": a polygon needs", "\"full\": min_people is 1001",
                            "\"future\": kind must be", "\"lurk\": min_duration is",
                            "\"lurk\": cooldown is", "\"lurk\": severity must be"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(fault));
  }
}

}  // namespace
}  // namespace aislewatch
