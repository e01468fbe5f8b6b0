#include "services/fusion/adapters/rules_file.h"

#include <optional>

#include "common/base/status.h"
#include "common/config/yaml/yaml_file.h"
#include "common/scene/yaml_scene.h"

namespace aislewatch::fusion {
namespace {

// Log-odds beyond these decide by themselves what the rest says.
constexpr YamlRange kWeight = {-20, 20};
constexpr YamlRange kFraction = {0, 1};
constexpr absl::string_view kJoinNames[] = {"scene", "camera", "rule"};

void ReadNumber(const YamlMap& map, absl::string_view key, YamlRange range, double& value) {
  value = map.Number(key, range, value);
}

void ReadDuration(const YamlMap& map, absl::string_view key, YamlDurationRange range,
                  absl::Duration& value) {
  value = map.Duration(key, range, value);
}

RiskWeightChanges ReadWeights(const YamlMap& map) {
  RiskWeightChanges changes;
  for (const auto& [name, weight] : NamedRiskWeights()) {
    // Asked for even where it is not there, so that messages name it among what is known.
    if (map.Has(name)) changes.weights.emplace(name, map.Number(name, kWeight));
  }
  if (map.Has("full_dwell")) {
    changes.full_dwell = map.Duration("full_dwell", {absl::Seconds(1), absl::Hours(24)});
  }
  return changes;
}

void ReadConfirmation(const YamlMap& map, Confirmation& confirmation) {
  ReadDuration(map, "window", {absl::Milliseconds(100), absl::Seconds(30)}, confirmation.window);
  ReadNumber(map, "share", {0.05, 1}, confirmation.share);
  confirmation.min_frames =
      static_cast<int>(map.Integer("min_frames", {1, 100}, confirmation.min_frames));
  ReadNumber(map, "close_ratio", kFraction, confirmation.close_ratio);
}

void ReadIncidents(const YamlMap& map, IncidentPolicy& policy) {
  policy.join =
      static_cast<JoinPolicy>(map.Choice("join", kJoinNames, static_cast<size_t>(policy.join)));
  ReadDuration(map, "close_after", {absl::Milliseconds(100), absl::Hours(1)}, policy.close_after);
  ReadDuration(map, "update_interval", {absl::ZeroDuration(), absl::Hours(1)},
               policy.update_interval);
  policy.update_rise = static_cast<float>(map.Number("update_rise", kFraction, policy.update_rise));
  ReadDuration(map, "max_open", {absl::Seconds(1), absl::Hours(24)}, policy.max_open);
  ReadDuration(map, "max_blind", {absl::ZeroDuration(), absl::Hours(1)}, policy.max_blind);
  policy.max_tracks = static_cast<size_t>(
      map.Integer("max_tracks", {1, 1000}, static_cast<int64_t>(policy.max_tracks)));
}

absl::StatusOr<RulesFile> Read(YamlFile file) {
  RulesFile result = DefaultRules();
  FusionSettings& settings = result.settings;
  const YamlMap root = file.root();
  const YamlMap risk = root.Map("risk");
  ReadNumber(risk, "critical", {0.05, 2}, settings.critical_risk);
  result.weight_changes = ReadWeights(risk.Map("weights"));
  ReadConfirmation(root.Map("confirmation"), settings.confirmation);
  ReadIncidents(root.Map("incidents"), settings.incidents);
  const YamlMap bypass = root.Map("checkout_bypass");
  ReadDuration(bypass, "pay_after", {absl::ZeroDuration(), absl::Hours(1)}, settings.pay_after);
  ReadNumber(bypass, "min_taking", {0.05, 1}, settings.min_taking);
  // A camera's zones are not known here; a rule that names one it lacks never holds there.
  if (root.Has("rules")) result.rules = ReadRules(root, std::nullopt);
  AW_RETURN_IF_ERROR(file.status());
  return result;
}

}  // namespace

RulesFile DefaultRules() {
  RulesFile file;
  for (IncidentKind kind :
       {IncidentKind::kConcealment, IncidentKind::kFight, IncidentKind::kRestrictedZone,
        IncidentKind::kCheckoutBypass, IncidentKind::kWeapon}) {
    Rule rule = DefaultRule(kind);
    rule.id = std::string(Name(kind));
    file.rules.push_back(std::move(rule));
  }
  return file;
}

absl::StatusOr<RulesFile> LoadRules(const std::string& path) {
  AW_ASSIGN_OR_RETURN(YamlFile file, YamlFile::Load(path));
  return Read(std::move(file));
}

absl::StatusOr<RulesFile> ParseRules(absl::string_view text, absl::string_view name) {
  AW_ASSIGN_OR_RETURN(YamlFile file, YamlFile::Parse(text, name));
  return Read(std::move(file));
}

}  // namespace aislewatch::fusion
