#include "services/fusion/core/firing_ledger.h"

#include <algorithm>

namespace aislewatch::fusion {

FiringKey KeyOf(const Signal& signal) {
  const int64_t zone = signal.zone ? static_cast<int64_t>(*signal.zone) : -1;
  FiringKey key{.rule_id = signal.rule->id};
  switch (signal.rule->fire_once_per) {
    case FireOncePer::kTrack:
    case FireOncePer::kUnspecified:
      key.subject = signal.subject;
      if (signal.subject == 0) key.zone = zone;
      break;
    case FireOncePer::kZone:
      key.zone = zone;
      break;
    case FireOncePer::kVisit:
      key.subject = signal.subject;
      key.zone = zone;
      key.visit = signal.visit;
      break;
  }
  return key;
}

void FiringLedger::Record(const FiringKey& key, const std::string& incident_id) {
  fired_[key] = incident_id;
}

const std::string* FiringLedger::Fired(const FiringKey& key) const {
  const auto it = fired_.find(key);
  return it == fired_.end() ? nullptr : &it->second;
}

void FiringLedger::StartCooldown(const std::string& rule_id, absl::Time until, Severity severity) {
  cooldowns_[rule_id] = {until, severity};
}

bool FiringLedger::Cooling(const Signal& signal, absl::Time now) const {
  const auto it = cooldowns_.find(signal.rule->id);
  if (it == cooldowns_.end()) return false;
  const auto& [until, severity] = it->second;
  return now < until && signal.severity <= severity;
}

void FiringLedger::Sweep(const SceneView& scene) {
  const absl::Time now = scene.tick.now;
  for (const TrackView& track : scene.tracks) {
    occupied_[-1] = now;
    for (const Stay& stay : track.stays) occupied_[static_cast<int64_t>(stay.zone)] = now;
  }
  std::erase_if(occupied_, [&](const auto& entry) { return now - entry.second > scene.tick.gap; });
  std::erase_if(fired_, [&](const auto& entry) {
    const FiringKey& key = entry.first;
    if (key.subject == 0) return occupied_.count(key.zone) == 0;
    return std::find(scene.forgotten.begin(), scene.forgotten.end(), key.subject) !=
           scene.forgotten.end();
  });
}

}  // namespace aislewatch::fusion
