// What has fired: the memory behind fire_once_per and cooldown.
//
// Not thread-safe. Bounded: entries of a track go with the track, those of a zone when it empties.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/fusion/core/rules/rule_evaluator.h"

namespace aislewatch::fusion {

/// What may fire once: a rule for a track, a zone, or a visit, as the rule's fire_once_per says.
struct FiringKey {
  std::string rule_id;
  /// 0: not a track's.
  uint64_t subject = 0;
  /// -1: the whole picture, or any zone.
  int64_t zone = -1;
  uint32_t visit = 0;

  auto operator<=>(const FiringKey&) const = default;
  bool operator==(const FiringKey&) const = default;
};

/// The key of a signal. A signal of the whole scene has no track, so "track" means the zone there.
FiringKey KeyOf(const Signal& signal);

class FiringLedger {
 public:
  /// Notes that `key` fired into an incident.
  void Record(const FiringKey& key, const std::string& incident_id);
  /// The incident that `key` fired into last; null where it has not.
  const std::string* Fired(const FiringKey& key) const;

  /// Notes that an incident of a rule has ended.
  void StartCooldown(const std::string& rule_id, absl::Time until, Severity severity);
  /// Whether the signal's rule has to keep still; a higher severity does not.
  bool Cooling(const Signal& signal, absl::Time now) const;

  /// Forgets tracks that are gone and zones that nobody is in. Not to be called for frames without
  /// poses, in which every zone looks empty.
  void Sweep(const SceneView& scene);

 private:
  std::map<FiringKey, std::string> fired_;
  std::map<std::string, std::pair<absl::Time, Severity>> cooldowns_;
  // When each zone (-1: the picture) last held somebody.
  std::map<int64_t, absl::Time> occupied_;
};

}  // namespace aislewatch::fusion
