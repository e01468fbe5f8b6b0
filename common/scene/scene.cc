#include "common/scene/scene.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"

namespace aislewatch {
namespace {

template <typename Enum, size_t N>
absl::string_view NameIn(const std::array<absl::string_view, N>& names, Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < N ? names[index] : names[0];
}

// Colons are left out: tools write CAMERA:ZONE.
void CheckShortId(absl::string_view id, absl::string_view what, std::vector<std::string>& faults) {
  if (CheckId(id, what, 64).ok() && id.find(':') == absl::string_view::npos) return;
  faults.push_back(absl::StrCat(what, " \"", id.substr(0, 40), "\" must be 1..64 characters of ",
                                "A-Z, a-z, 0-9, '.', '_' and '-'"));
}

void CheckDuration(absl::string_view rule, absl::string_view field, absl::Duration value,
                   absl::Duration least, std::vector<std::string>& faults) {
  if (value >= least && value <= kMaxRuleDuration) return;
  faults.push_back(absl::StrCat(rule, ": ", field, " is ", absl::FormatDuration(value),
                                "; write a duration in ", absl::FormatDuration(least), "..",
                                absl::FormatDuration(kMaxRuleDuration)));
}

void CheckZoneIds(absl::string_view name, const Rule& rule, absl::Span<const Zone> zones,
                  std::vector<std::string>& faults) {
  for (const std::string& id : rule.zone_ids) {
    const bool known =
        std::any_of(zones.begin(), zones.end(), [&](const Zone& zone) { return zone.id == id; });
    if (!known) {
      faults.push_back(absl::StrCat(name, ": the camera has no zone \"", id.substr(0, 64),
                                    "\"; add the zone or correct zone_ids"));
    }
  }
}

void CheckKindsOwnFields(absl::string_view name, const Rule& rule,
                         std::vector<std::string>& faults) {
  if (IsRiskKind(rule.kind)) {
    // Written so that NaN is a fault.
    if (!(rule.min_risk >= kLeastMinRisk && rule.min_risk <= 1)) {
      faults.push_back(
          absl::StrCat(name, ": min_risk is ", rule.min_risk, "; write a number in 0.05..1"));
    }
  } else if (rule.min_risk != 0) {
    faults.push_back(
        absl::StrCat(name, ": min_risk is for concealment, fight and weapon; remove it"));
  }
  if (rule.kind == IncidentKind::kCrowd) {
    if (rule.min_people < 2 || rule.min_people > kMaxMinPeople) {
      faults.push_back(absl::StrCat(name, ": min_people is ", rule.min_people,
                                    "; write a number in 2..", kMaxMinPeople));
    }
  } else if (rule.min_people != 0) {
    faults.push_back(absl::StrCat(name, ": min_people is for crowd; remove it"));
  }
}

template <typename Item>
std::vector<std::string> FaultsOfList(absl::Span<const Item> items, absl::string_view what,
                                      size_t most) {
  std::vector<std::string> faults;
  if (items.size() > most) {
    faults.push_back(
        absl::StrCat("a camera has at most ", most, " ", what, "s, not ", items.size()));
  }
  std::set<absl::string_view> seen;
  std::set<absl::string_view> reported;
  for (const Item& item : items) {
    if (item.id.empty()) continue;  // A fault of the item itself.
    if (!seen.insert(item.id).second && reported.insert(item.id).second) {
      faults.push_back(absl::StrCat("there are two ", what, "s \"", item.id.substr(0, 64),
                                    "\"; give each its own id"));
    }
  }
  return faults;
}

}  // namespace

absl::string_view Name(ZoneKind kind) { return NameIn(kZoneKindNames, kind); }
absl::string_view Name(IncidentKind kind) { return NameIn(kIncidentKindNames, kind); }
absl::string_view Name(Severity severity) { return NameIn(kSeverityNames, severity); }
absl::string_view Name(FireOncePer per) { return NameIn(kFireOncePerNames, per); }

bool IsRiskKind(IncidentKind kind) {
  return kind == IncidentKind::kConcealment || kind == IncidentKind::kFight ||
         kind == IncidentKind::kWeapon;
}

bool IsRuleKind(IncidentKind kind) {
  return kind >= IncidentKind::kConcealment && kind <= IncidentKind::kWeapon;
}

Rule DefaultRule(IncidentKind kind) {
  Rule rule;
  rule.kind = kind;
  rule.severity = Severity::kWarning;
  rule.fire_once_per = FireOncePer::kVisit;
  switch (kind) {
    case IncidentKind::kConcealment:
      rule.min_risk = 0.7f;
      rule.cooldown = absl::Seconds(10);
      break;
    case IncidentKind::kFight:
      rule.severity = Severity::kCritical;
      rule.min_risk = 0.7f;
      rule.cooldown = absl::Seconds(10);
      break;
    case IncidentKind::kLoitering:
      rule.severity = Severity::kInfo;
      rule.min_duration = absl::Minutes(1);
      rule.cooldown = absl::Minutes(5);
      rule.fire_once_per = FireOncePer::kTrack;
      break;
    case IncidentKind::kRestrictedZone:
      rule.min_duration = absl::Milliseconds(500);
      rule.cooldown = absl::Seconds(30);
      break;
    case IncidentKind::kCheckoutBypass:
      rule.min_duration = absl::Milliseconds(300);
      rule.cooldown = absl::Seconds(10);
      rule.fire_once_per = FireOncePer::kTrack;
      break;
    case IncidentKind::kCrowd:
      rule.severity = Severity::kInfo;
      rule.min_duration = absl::Seconds(10);
      rule.cooldown = absl::Minutes(5);
      rule.fire_once_per = FireOncePer::kZone;
      rule.min_people = 10;
      break;
    case IncidentKind::kWeapon:
      rule.severity = Severity::kCritical;
      rule.min_risk = 0.5f;
      rule.cooldown = absl::Seconds(10);
      break;
    case IncidentKind::kUnspecified:
      break;
  }
  return rule;
}

std::vector<std::string> ZoneFaults(const Zone& zone) {
  std::vector<std::string> faults;
  CheckShortId(zone.id, "zone_id", faults);
  const std::string name = absl::StrCat("zone \"", zone.id.substr(0, 64), "\"");
  if (zone.kind == ZoneKind::kUnspecified || zone.kind > ZoneKind::kStorefront) {
    faults.push_back(
        absl::StrCat(name, ": kind must be shelf, checkout, exit, restricted or storefront"));
  }
  if (zone.name.size() > 256) {
    faults.push_back(absl::StrCat(name, ": name is longer than 256 bytes"));
  }
  for (const std::string& fault : PolygonFaults(zone.polygon)) {
    faults.push_back(absl::StrCat(name, ": ", fault));
  }
  return faults;
}

std::vector<std::string> RuleFaults(const Rule& rule, std::optional<absl::Span<const Zone>> zones) {
  std::vector<std::string> faults;
  CheckShortId(rule.id, "rule_id", faults);
  const std::string name = absl::StrCat("rule \"", rule.id.substr(0, 64), "\"");
  if (!IsRuleKind(rule.kind)) {
    faults.push_back(absl::StrCat(name,
                                  ": kind must be concealment, loitering, restricted_zone, "
                                  "fight, checkout_bypass, crowd or weapon"));
    return faults;
  }
  if (rule.severity < Severity::kInfo || rule.severity > Severity::kCritical) {
    faults.push_back(absl::StrCat(name, ": severity must be info, warning or critical"));
  }
  if (rule.fire_once_per < FireOncePer::kTrack || rule.fire_once_per > FireOncePer::kVisit) {
    faults.push_back(absl::StrCat(name, ": fire_once_per must be track, zone or visit"));
  }
  CheckKindsOwnFields(name, rule, faults);
  const bool loitering = rule.kind == IncidentKind::kLoitering;
  CheckDuration(name, "min_duration", rule.min_duration,
                loitering ? absl::Seconds(1) : absl::ZeroDuration(), faults);
  CheckDuration(name, "cooldown", rule.cooldown, absl::ZeroDuration(), faults);
  if (rule.escalate_after) {
    CheckDuration(name, "escalate_after", *rule.escalate_after, absl::Seconds(1), faults);
  }
  if (zones) CheckZoneIds(name, rule, *zones, faults);
  return faults;
}

std::vector<std::string> ListFaults(absl::Span<const Zone> zones) {
  return FaultsOfList(zones, "zone", kMaxZones);
}

std::vector<std::string> ListFaults(absl::Span<const Rule> rules) {
  return FaultsOfList(rules, "rule", kMaxRules);
}

std::vector<std::string> SceneFaults(const Scene& scene) {
  std::vector<std::string> faults;
  const auto append = [&faults](const std::vector<std::string>& more) {
    faults.insert(faults.end(), more.begin(), more.end());
  };
  append(ListFaults(scene.zones));
  // A list this long would be answered with megabytes of faults.
  if (scene.zones.size() <= kMaxZones) {
    for (const Zone& zone : scene.zones) append(ZoneFaults(zone));
  }
  append(ListFaults(scene.rules));
  if (scene.rules.size() <= kMaxRules) {
    for (const Rule& rule : scene.rules) append(RuleFaults(rule, scene.zones));
  }
  return faults;
}

std::string JoinFaults(const std::vector<std::string>& faults) {
  constexpr size_t kMostBytes = 3000;
  std::string joined;
  for (size_t i = 0; i < faults.size(); ++i) {
    if (i > 0 && joined.size() + faults[i].size() > kMostBytes) {
      absl::StrAppend(&joined, "; and ", faults.size() - i, " more");
      break;
    }
    absl::StrAppend(&joined, i > 0 ? "; " : "", faults[i]);
  }
  return joined;
}

}  // namespace aislewatch
