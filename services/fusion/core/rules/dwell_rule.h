// loitering and restricted_zone: somebody stays longer than they should.
#pragma once

#include <vector>

#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/rules/zone_scope.h"

namespace aislewatch::fusion {

/// Holds for a track from min_duration after it entered one of the rule's zones (or the picture)
/// until it leaves. Keeps no state of its own.
class DwellRule : public RuleEvaluator {
 public:
  DwellRule(const Rule& rule, absl::Span<const Zone> zones) : rule_(rule), scope_(rule, zones) {}

  std::vector<Signal> Evaluate(const SceneView& scene) override;

 private:
  Signal MakeSignal(const TrackView& track, std::optional<size_t> zone, uint32_t visit) const;

  const Rule& rule_;
  const ZoneScope scope_;
};

}  // namespace aislewatch::fusion
