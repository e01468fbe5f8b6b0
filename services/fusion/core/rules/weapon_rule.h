// weapon: the object model sees a weapon at somebody, look after look.
#pragma once

#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "services/fusion/core/risk_latch.h"
#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/rules/zone_scope.h"

namespace aislewatch::fusion {

/// Holds for a track at which a weapon is confirmed at min_risk for min_duration, while it is in
/// one of the rule's zones where it names any.
///
/// Only frames in which the track was looked at are judged: in the others nothing new is known, and
/// to take that for "no weapon" would mean that nobody is ever confirmed, to take it for the last
/// answer that one look is. A look counts as a frame of a camera of ten a second does for other
/// rules, so with the default confirmation it takes 5 of the last 8 looks, however far apart they
/// are. Between looks the last answer stays, for kLookLasts at most. Where no object model looks it
/// never holds.
class WeaponRule : public RuleEvaluator {
 public:
  /// How long a look says something about now. Longer than looks are apart in a crowd
  /// (aislewatch-pose --object-every, --object-people).
  static constexpr absl::Duration kLookLasts = absl::Seconds(5);

  WeaponRule(const Rule& rule, absl::Span<const Zone> zones, const FusionSettings& settings)
      : rule_(rule), scope_(rule, zones), confirmation_(settings.confirmation) {}

  std::vector<Signal> Evaluate(const SceneView& scene) override;

 private:
  struct Suspect {
    RiskLatch latch;
    // The latch's time, in which looks are evenly spaced.
    Tick looks;
    absl::Time last_look = absl::InfinitePast();
    bool armed = false;
    absl::Time armed_since;
  };

  static void Follow(const TrackView& track, const Tick& tick, Suspect& suspect);

  const Rule& rule_;
  const ZoneScope scope_;
  const Confirmation confirmation_;
  std::unordered_map<uint64_t, Suspect> suspects_;
};

}  // namespace aislewatch::fusion
