#include "common/scene/proto_scene.h"

#include "absl/status/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

// Numbers agree; one that this build does not know becomes 0, which validation refuses.
template <typename Enum, size_t N>
Enum EnumFromProto(int value, const std::array<absl::string_view, N>&) {
  return value >= 0 && value < static_cast<int>(N) ? static_cast<Enum>(value) : Enum{};
}

Zone ReadZone(const v1::Zone& from) {
  Zone zone;
  zone.id = from.zone_id();
  zone.name = from.name();
  zone.kind = EnumFromProto<ZoneKind>(from.kind(), kZoneKindNames);
  zone.polygon.reserve(from.polygon_size());
  for (const auto& corner : from.polygon()) zone.polygon.push_back({corner.x(), corner.y()});
  return zone;
}

Rule ReadRule(const v1::Rule& from) {
  Rule rule = DefaultRule(EnumFromProto<IncidentKind>(from.kind(), kIncidentKindNames));
  rule.id = from.rule_id();
  if (from.severity() != v1::SEVERITY_UNSPECIFIED) {
    rule.severity = EnumFromProto<Severity>(from.severity(), kSeverityNames);
  }
  rule.zone_ids.assign(from.zone_ids().begin(), from.zone_ids().end());
  if (from.min_risk() != 0) rule.min_risk = from.min_risk();
  if (from.has_min_duration()) rule.min_duration = FromProto(from.min_duration());
  if (from.has_cooldown()) rule.cooldown = FromProto(from.cooldown());
  if (from.fire_once_per() != v1::FIRE_ONCE_PER_UNSPECIFIED) {
    rule.fire_once_per = EnumFromProto<FireOncePer>(from.fire_once_per(), kFireOncePerNames);
  }
  // Compared as unsigned: a huge number must not wrap into the valid range.
  if (from.min_people() != 0) {
    rule.min_people = from.min_people() > static_cast<uint32_t>(kMaxMinPeople)
                          ? kMaxMinPeople + 1
                          : static_cast<int>(from.min_people());
  }
  if (from.has_escalate_after()) rule.escalate_after = FromProto(from.escalate_after());
  return rule;
}

}  // namespace

absl::StatusOr<Scene> SceneFromProto(const google::protobuf::RepeatedPtrField<v1::Zone>& zones,
                                     const google::protobuf::RepeatedPtrField<v1::Rule>& rules) {
  Scene scene;
  for (const auto& zone : zones) scene.zones.push_back(ReadZone(zone));
  for (const auto& rule : rules) scene.rules.push_back(ReadRule(rule));
  const std::vector<std::string> faults = SceneFaults(scene);
  if (faults.empty()) return scene;
  return absl::InvalidArgumentError(JoinFaults(faults));
}

v1::Zone ToProto(const Zone& zone) {
  v1::Zone to;
  to.set_zone_id(zone.id);
  to.set_name(zone.name);
  to.set_kind(static_cast<v1::ZoneKind>(zone.kind));
  for (const NormalizedPoint& corner : zone.polygon) {
    auto* point = to.add_polygon();
    point->set_x(corner.x);
    point->set_y(corner.y);
  }
  return to;
}

v1::Rule ToProto(const Rule& rule) {
  v1::Rule to;
  to.set_rule_id(rule.id);
  to.set_kind(static_cast<v1::IncidentKind>(rule.kind));
  to.set_severity(static_cast<v1::Severity>(rule.severity));
  for (const std::string& id : rule.zone_ids) to.add_zone_ids(id);
  to.set_min_risk(rule.min_risk);
  *to.mutable_min_duration() = ToProto(rule.min_duration);
  *to.mutable_cooldown() = ToProto(rule.cooldown);
  to.set_fire_once_per(static_cast<v1::FireOncePer>(rule.fire_once_per));
  to.set_min_people(static_cast<uint32_t>(rule.min_people));
  if (rule.escalate_after) *to.mutable_escalate_after() = ToProto(*rule.escalate_after);
  return to;
}

}  // namespace aislewatch
