#include "services/fusion/core/rules/crowd_rule.h"

#include <algorithm>

namespace aislewatch::fusion {
namespace {

bool IsIn(const TrackView& track, std::optional<size_t> zone) {
  return !zone || std::any_of(track.stays.begin(), track.stays.end(),
                              [&](const Stay& stay) { return stay.zone == *zone; });
}

}  // namespace

CrowdRule::CrowdRule(const Rule& rule, absl::Span<const Zone> zones) : rule_(rule) {
  const ZoneScope scope(rule, zones);
  if (scope.whole_picture()) places_.emplace_back();
  for (size_t zone : scope.zones()) places_.emplace_back().zone = zone;
}

std::vector<Signal> CrowdRule::Evaluate(const SceneView& scene) {
  std::vector<Signal> signals;
  for (Place& place : places_) {
    Signal signal;
    for (const TrackView& track : scene.tracks) {
      if (IsIn(track, place.zone)) signal.tracks.push_back(&track);
    }
    const bool enough = signal.tracks.size() >= static_cast<size_t>(rule_.min_people);
    Count(scene.tick, enough, place);
    if (!enough || scene.tick.now - place.since < rule_.min_duration) continue;
    signal.rule = &rule_;
    signal.severity = rule_.severity;
    signal.zone = place.zone;
    signal.visit = place.episode;
    signals.push_back(std::move(signal));
  }
  return signals;
}

void CrowdRule::Count(const Tick& tick, bool enough, Place& place) {
  if (place.crowded && tick.now - place.last_crowded > tick.gap) place.crowded = false;
  if (!enough) return;
  if (!place.crowded) {
    place.crowded = true;
    place.since = tick.now;
    ++place.episode;
  }
  place.last_crowded = tick.now;
}

}  // namespace aislewatch::fusion
