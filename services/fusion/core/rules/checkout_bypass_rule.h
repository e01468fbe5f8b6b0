// checkout_bypass: somebody takes an item and leaves without having been at a checkout.
#pragma once

#include <unordered_map>
#include <vector>

#include "services/fusion/core/risk_latch.h"
#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/rules/zone_scope.h"

namespace aislewatch::fusion {

/// Holds for a track that the classifier saw taking an item (confirmed), that neither put it back
/// nor stood at a checkout for pay_after since, and that has been in an exit zone for min_duration.
/// Never holds for a camera without a checkout zone: nobody could be seen to pay there.
class CheckoutBypassRule : public RuleEvaluator {
 public:
  CheckoutBypassRule(const Rule& rule, absl::Span<const Zone> zones,
                     const FusionSettings& settings);

  std::vector<Signal> Evaluate(const SceneView& scene) override;

 private:
  struct Shopper {
    RiskLatch taking;
    RiskLatch returning;
    bool has_item = false;
  };

  void Follow(const TrackView& track, const Tick& tick, Shopper& shopper) const;

  const Rule& rule_;
  const ZoneScope exits_;
  std::vector<size_t> checkouts_;
  const Confirmation confirmation_;
  const double min_taking_;
  const absl::Duration pay_after_;
  std::unordered_map<uint64_t, Shopper> shoppers_;
};

}  // namespace aislewatch::fusion
