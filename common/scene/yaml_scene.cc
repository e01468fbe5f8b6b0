#include "common/scene/yaml_scene.h"

namespace aislewatch {
namespace {

constexpr char kUnnamed[] = "unnamed";

// The names of an enumeration without "unspecified", which nobody may write.
template <typename Enum, size_t N>
Enum ReadEnum(const YamlMap& map, absl::string_view key,
              const std::array<absl::string_view, N>& names, std::optional<Enum> fallback) {
  std::optional<size_t> index;
  if (fallback && *fallback != Enum{}) index = static_cast<size_t>(*fallback) - 1;
  const auto choices = absl::MakeConstSpan(names).subspan(1);
  return static_cast<Enum>(map.Choice(key, choices, index) + 1);
}

Zone ReadZone(const YamlMap& map) {
  Zone zone;
  zone.id = map.String("zone_id");
  zone.name = map.String("name", "");
  zone.kind = ReadEnum<ZoneKind>(map, "kind", kZoneKindNames, {});
  const auto corners = map.Rows("polygon", 2, {});
  for (const auto& corner : corners) {
    zone.polygon.push_back({static_cast<float>(corner[0]), static_cast<float>(corner[1])});
  }
  return zone;
}

Rule ReadRule(const YamlMap& map) {
  const auto kind = ReadEnum<IncidentKind>(map, "kind", kIncidentKindNames, {});
  Rule rule = DefaultRule(kind);
  const YamlDurationRange range{absl::ZeroDuration(), kMaxRuleDuration};
  rule.id = map.String("rule_id");
  rule.severity = ReadEnum<Severity>(map, "severity", kSeverityNames, rule.severity);
  rule.zone_ids = map.Strings("zone_ids");
  rule.min_duration = map.Duration("min_duration", range, rule.min_duration);
  rule.cooldown = map.Duration("cooldown", range, rule.cooldown);
  rule.fire_once_per =
      ReadEnum<FireOncePer>(map, "fire_once_per", kFireOncePerNames, rule.fire_once_per);
  if (IsRiskKind(kind)) {
    rule.min_risk = static_cast<float>(map.Number("min_risk", {kLeastMinRisk, 1}, rule.min_risk));
  }
  if (kind == IncidentKind::kCrowd) {
    rule.min_people =
        static_cast<int>(map.Integer("min_people", {2, kMaxMinPeople}, rule.min_people));
  }
  if (map.Has("escalate_after")) {
    rule.escalate_after = map.Duration("escalate_after", {absl::Seconds(1), kMaxRuleDuration});
  }
  return rule;
}

}  // namespace

std::vector<Zone> ReadZones(const YamlMap& map) {
  std::vector<Zone> zones;
  for (const YamlMap& item : map.Maps("zones")) {
    zones.push_back(ReadZone(item));
    // The getters have spoken of what is missing; the rest of it is checked none the less.
    Zone checked = zones.back();
    if (!item.Has("zone_id")) checked.id = kUnnamed;
    if (!item.Has("polygon")) continue;
    for (const std::string& fault : ZoneFaults(checked)) item.AddError("", fault);
  }
  for (const std::string& fault : ListFaults(zones)) map.AddError("zones", fault);
  return zones;
}

std::vector<Rule> ReadRules(const YamlMap& map, std::optional<absl::Span<const Zone>> zones) {
  std::vector<Rule> rules;
  for (const YamlMap& item : map.Maps("rules")) {
    rules.push_back(ReadRule(item));
    Rule checked = rules.back();
    if (!item.Has("rule_id")) checked.id = kUnnamed;
    for (const std::string& fault : RuleFaults(checked, zones)) item.AddError("", fault);
  }
  for (const std::string& fault : ListFaults(rules)) map.AddError("rules", fault);
  return rules;
}

}  // namespace aislewatch
