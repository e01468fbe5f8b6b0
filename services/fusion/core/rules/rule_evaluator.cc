#include "services/fusion/core/rules/rule_evaluator.h"

#include "services/fusion/core/rules/checkout_bypass_rule.h"
#include "services/fusion/core/rules/crowd_rule.h"
#include "services/fusion/core/rules/dwell_rule.h"
#include "services/fusion/core/rules/risk_rule.h"
#include "services/fusion/core/rules/weapon_rule.h"

namespace aislewatch::fusion {
namespace {

// For kinds that no rule can raise; validation refuses them before.
class NeverRule : public RuleEvaluator {
 public:
  std::vector<Signal> Evaluate(const SceneView&) override { return {}; }
};

}  // namespace

std::unique_ptr<RuleEvaluator> MakeEvaluator(const Rule& rule, absl::Span<const Zone> zones,
                                             const FusionSettings& settings) {
  switch (rule.kind) {
    case IncidentKind::kConcealment:
    case IncidentKind::kFight:
      return std::make_unique<RiskRule>(rule, zones, settings);
    case IncidentKind::kLoitering:
    case IncidentKind::kRestrictedZone:
      return std::make_unique<DwellRule>(rule, zones);
    case IncidentKind::kCrowd:
      return std::make_unique<CrowdRule>(rule, zones);
    case IncidentKind::kCheckoutBypass:
      return std::make_unique<CheckoutBypassRule>(rule, zones, settings);
    case IncidentKind::kWeapon:
      return std::make_unique<WeaponRule>(rule, zones, settings);
    case IncidentKind::kUnspecified:
      break;
  }
  return std::make_unique<NeverRule>();
}

const Risk& RiskFor(IncidentKind kind, const TrackView& track) {
  if (kind == IncidentKind::kWeapon) return track.weapon;
  return kind == IncidentKind::kFight ? track.fight : track.concealment;
}

}  // namespace aislewatch::fusion
