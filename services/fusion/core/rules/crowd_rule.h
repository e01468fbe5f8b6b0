// crowd: too many people at one place.
#pragma once

#include <vector>

#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/rules/zone_scope.h"

namespace aislewatch::fusion {

/// Holds for everybody in a zone (or the picture) once min_people have been there for
/// min_duration. Falling short for up to Tick::gap, as when somebody is hidden, does not end it.
class CrowdRule : public RuleEvaluator {
 public:
  CrowdRule(const Rule& rule, absl::Span<const Zone> zones);

  std::vector<Signal> Evaluate(const SceneView& scene) override;

 private:
  // One zone, or the picture.
  struct Place {
    std::optional<size_t> zone;
    bool crowded = false;
    absl::Time since;
    absl::Time last_crowded;
    uint32_t episode = 0;
  };

  static void Count(const Tick& tick, bool enough, Place& place);

  const Rule& rule_;
  std::vector<Place> places_;
};

}  // namespace aislewatch::fusion
