// What a camera looks at and what must not happen there: zones and rules as values, their
// defaults, and everything that can be wrong with them.
//
// The same rules hold wherever they come from: YAML (yaml_scene.h) or gRPC (proto_scene.h).
// docs/rules.md explains them to people. Plain values and functions; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/scene/polygon.h"

namespace aislewatch {

/// What a region is. Numbered as aislewatch.v1.ZoneKind.
enum class ZoneKind : uint8_t { kUnspecified, kShelf, kCheckout, kExit, kRestricted, kStorefront };
inline constexpr std::array<absl::string_view, 6> kZoneKindNames = {
    "unspecified", "shelf", "checkout", "exit", "restricted", "storefront"};

/// What can be raised. Numbered as aislewatch.v1.IncidentKind.
enum class IncidentKind : uint8_t {
  kUnspecified,
  kConcealment,
  kLoitering,
  kRestrictedZone,
  kFight,
  kCheckoutBypass,
  kCrowd,
  kWeapon
};
inline constexpr std::array<absl::string_view, 8> kIncidentKindNames = {
    "unspecified", "concealment",     "loitering", "restricted_zone",
    "fight",       "checkout_bypass", "crowd",     "weapon"};

/// How urgent. Numbered as aislewatch.v1.Severity; a greater value is more urgent.
enum class Severity : uint8_t { kUnspecified, kInfo, kWarning, kCritical };
inline constexpr std::array<absl::string_view, 4> kSeverityNames = {"unspecified", "info",
                                                                    "warning", "critical"};

/// How often a rule may fire. Numbered as aislewatch.v1.FireOncePer.
enum class FireOncePer : uint8_t { kUnspecified, kTrack, kZone, kVisit };
inline constexpr std::array<absl::string_view, 4> kFireOncePerNames = {"unspecified", "track",
                                                                       "zone", "visit"};

/// A region of the picture; somebody is in it when the middle of their box's lower edge is.
struct Zone {
  /// 1..64 characters of [A-Za-z0-9._-], unique within the camera.
  std::string id;
  /// For people; may be empty.
  std::string name;
  ZoneKind kind = ZoneKind::kUnspecified;
  Polygon polygon;
};

/// When to raise an incident. Fields that a kind has no use for keep their zero.
struct Rule {
  /// 1..64 characters of [A-Za-z0-9._-], unique within the camera.
  std::string id;
  IncidentKind kind = IncidentKind::kUnspecified;
  Severity severity = Severity::kUnspecified;
  /// Empty: every zone of the fitting kind, or the whole picture where the kind needs no zone.
  std::vector<std::string> zone_ids;
  /// Risk from which the rule holds, 0.05..1; concealment, fight and weapon only.
  float min_risk = 0;
  /// How long the condition must hold, 0..24 h.
  absl::Duration min_duration;
  /// After an incident of this rule, no other for so long, unless of higher severity; 0..24 h.
  absl::Duration cooldown;
  FireOncePer fire_once_per = FireOncePer::kUnspecified;
  /// People from which it is a crowd, 2..1000; crowd only.
  int min_people = 0;
  /// An incident open for so long becomes critical, 1 s..24 h; unset means never.
  std::optional<absl::Duration> escalate_after;

  bool operator==(const Rule&) const = default;
};

/// A camera's zones and rules.
struct Scene {
  std::vector<Zone> zones;
  std::vector<Rule> rules;
};

inline constexpr size_t kMaxZones = 64;
inline constexpr size_t kMaxRules = 64;
inline constexpr absl::Duration kMaxRuleDuration = absl::Hours(24);
inline constexpr float kLeastMinRisk = 0.05f;
inline constexpr int kMaxMinPeople = 1000;

/// The name of an enumerator, for messages and labels.
absl::string_view Name(ZoneKind kind);
absl::string_view Name(IncidentKind kind);
absl::string_view Name(Severity severity);
absl::string_view Name(FireOncePer per);

/// Whether rules of this kind compare a risk with min_risk: the fused one, or of a weapon the score
/// that the object model gives it.
bool IsRiskKind(IncidentKind kind);
/// Whether a rule can raise this kind.
bool IsRuleKind(IncidentKind kind);

/// A rule of `kind` without an id, as docs/rules.md documents its defaults.
Rule DefaultRule(IncidentKind kind);

/// What is wrong with one zone or rule, one sentence each that names it; empty when it is fine.
/// `zones`: those that the rule may name, or nothing where they are not known yet.
std::vector<std::string> ZoneFaults(const Zone& zone);
std::vector<std::string> RuleFaults(const Rule& rule, std::optional<absl::Span<const Zone>> zones);
/// What is wrong with the lists as such: too long, the same id twice.
std::vector<std::string> ListFaults(absl::Span<const Zone> zones);
std::vector<std::string> ListFaults(absl::Span<const Rule> rules);

/// Everything that is wrong with a scene.
std::vector<std::string> SceneFaults(const Scene& scene);

/// The faults in one line, separated by "; ". Cut after 3 kB, with the number of those left out:
/// gRPC sends a status in a header of at most 8 kB.
std::string JoinFaults(const std::vector<std::string>& faults);

}  // namespace aislewatch
