// concealment and fight: the fused risk is confirmed.
#pragma once

#include <unordered_map>
#include <vector>

#include "services/fusion/core/risk_latch.h"
#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/rules/zone_scope.h"

namespace aislewatch::fusion {

/// Holds for a track whose risk is confirmed at min_risk for min_duration, in one of the rule's
/// zones where it names any. From critical_risk on it is critical.
class RiskRule : public RuleEvaluator {
 public:
  RiskRule(const Rule& rule, absl::Span<const Zone> zones, const FusionSettings& settings)
      : rule_(rule),
        scope_(rule, zones),
        confirmation_(settings.confirmation),
        critical_risk_(settings.critical_risk) {}

  std::vector<Signal> Evaluate(const SceneView& scene) override;

 private:
  const Rule& rule_;
  const ZoneScope scope_;
  const Confirmation confirmation_;
  const double critical_risk_;
  std::unordered_map<uint64_t, RiskLatch> latches_;
};

}  // namespace aislewatch::fusion
