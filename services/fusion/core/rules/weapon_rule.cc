#include "services/fusion/core/rules/weapon_rule.h"

namespace aislewatch::fusion {

std::vector<Signal> WeaponRule::Evaluate(const SceneView& scene) {
  for (uint64_t id : scene.forgotten) suspects_.erase(id);
  std::vector<Signal> signals;
  for (const TrackView& track : scene.tracks) {
    const auto known = suspects_.find(track.id);
    // Most cameras have no object model: nothing is kept of people at whom nobody looks.
    if (known == suspects_.end() && !track.looked_at) continue;
    Suspect& suspect =
        known != suspects_.end()
            ? known->second
            : suspects_.try_emplace(track.id, Suspect{RiskLatch(confirmation_, rule_.min_risk), {}})
                  .first->second;
    Follow(track, scene.tick, suspect);
    if (!suspect.armed || scene.tick.now - suspect.armed_since < rule_.min_duration) continue;
    const std::vector<Stay> stays = scope_.StaysOf(track);
    if (!scope_.whole_picture() && stays.empty()) continue;
    Signal signal;
    signal.rule = &rule_;
    signal.severity = rule_.severity;
    signal.subject = track.id;
    signal.visit = suspect.latch.episode();
    if (!stays.empty()) {
      signal.zone = stays.front().zone;
      signal.visit = stays.front().visit;
    }
    signal.tracks = {&track};
    signals.push_back(std::move(signal));
  }
  return signals;
}

void WeaponRule::Follow(const TrackView& track, const Tick& tick, Suspect& suspect) {
  const bool stale = tick.now - suspect.last_look > kLookLasts;
  if (!track.looked_at) {
    if (stale) suspect.armed = false;
    return;
  }
  // Looks that far apart do not confirm each other: more than the latch's gap makes it begin anew.
  suspect.looks.now += stale ? 2 * suspect.looks.gap : suspect.looks.interval;
  suspect.last_look = tick.now;
  const bool before = suspect.armed;
  suspect.armed = suspect.latch.Observe(track.weapon.value, suspect.looks);
  if (suspect.armed && !before) suspect.armed_since = tick.now;
}

}  // namespace aislewatch::fusion
