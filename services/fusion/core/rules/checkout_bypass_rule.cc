#include "services/fusion/core/rules/checkout_bypass_rule.h"

#include <algorithm>

namespace aislewatch::fusion {
namespace {

double Probability(const TrackView& track, Action action) {
  return track.clip ? track.clip->probability[static_cast<size_t>(action)] : 0;
}

}  // namespace

CheckoutBypassRule::CheckoutBypassRule(const Rule& rule, absl::Span<const Zone> zones,
                                       const FusionSettings& settings)
    : rule_(rule),
      exits_(rule, zones),
      confirmation_(settings.confirmation),
      min_taking_(settings.min_taking),
      pay_after_(settings.pay_after) {
  for (size_t i = 0; i < zones.size(); ++i) {
    if (zones[i].kind == ZoneKind::kCheckout) checkouts_.push_back(i);
  }
}

std::vector<Signal> CheckoutBypassRule::Evaluate(const SceneView& scene) {
  std::vector<Signal> signals;
  if (checkouts_.empty()) return signals;
  for (uint64_t id : scene.forgotten) shoppers_.erase(id);
  for (const TrackView& track : scene.tracks) {
    const RiskLatch latch(confirmation_, min_taking_);
    Shopper& shopper = shoppers_.try_emplace(track.id, Shopper{latch, latch}).first->second;
    Follow(track, scene.tick, shopper);
    if (!shopper.has_item) continue;
    for (const Stay& stay : exits_.StaysOf(track)) {
      if (stay.dwell < rule_.min_duration) continue;
      Signal signal;
      signal.rule = &rule_;
      signal.severity = rule_.severity;
      signal.subject = track.id;
      signal.zone = stay.zone;
      signal.visit = stay.visit;
      signal.tracks = {&track};
      signals.push_back(std::move(signal));
    }
  }
  return signals;
}

void CheckoutBypassRule::Follow(const TrackView& track, const Tick& tick, Shopper& shopper) const {
  // Whoever hides an item has taken it.
  const double taking = Probability(track, Action::kTaking) +
                        Probability(track, Action::kConcealingInClothes) +
                        Probability(track, Action::kConcealingInBag);
  if (shopper.taking.Observe(taking, tick)) shopper.has_item = true;
  if (shopper.returning.Observe(Probability(track, Action::kReturning), tick)) {
    shopper.has_item = false;
  }
  for (const Stay& stay : track.stays) {
    const bool checkout =
        std::find(checkouts_.begin(), checkouts_.end(), stay.zone) != checkouts_.end();
    if (checkout && stay.dwell >= pay_after_) shopper.has_item = false;
  }
}

}  // namespace aislewatch::fusion
