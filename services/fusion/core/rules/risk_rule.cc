#include "services/fusion/core/rules/risk_rule.h"

namespace aislewatch::fusion {

std::vector<Signal> RiskRule::Evaluate(const SceneView& scene) {
  for (uint64_t id : scene.forgotten) latches_.erase(id);
  std::vector<Signal> signals;
  for (const TrackView& track : scene.tracks) {
    const std::vector<Stay> stays = scope_.StaysOf(track);
    const bool counts = scope_.whole_picture() || !stays.empty();
    RiskLatch& latch = latches_.try_emplace(track.id, confirmation_, rule_.min_risk).first->second;
    const double risk = counts ? RiskFor(rule_.kind, track).value : 0;
    if (!latch.Observe(risk, scene.tick)) continue;
    if (scene.tick.now - latch.since() < rule_.min_duration) continue;
    Signal signal;
    signal.rule = &rule_;
    signal.severity = latch.Confirmed(critical_risk_) ? Severity::kCritical : rule_.severity;
    signal.subject = track.id;
    signal.visit = latch.episode();
    if (!stays.empty()) {
      signal.zone = stays.front().zone;
      signal.visit = stays.front().visit;
    }
    signal.tracks = {&track};
    signals.push_back(std::move(signal));
  }
  return signals;
}

}  // namespace aislewatch::fusion
