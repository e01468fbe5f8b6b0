#include "services/fusion/core/rules/dwell_rule.h"

namespace aislewatch::fusion {

std::vector<Signal> DwellRule::Evaluate(const SceneView& scene) {
  std::vector<Signal> signals;
  for (const TrackView& track : scene.tracks) {
    if (scope_.whole_picture() && track.dwell >= rule_.min_duration) {
      // A track stays in the picture once.
      signals.push_back(MakeSignal(track, std::nullopt, 1));
    }
    for (const Stay& stay : scope_.StaysOf(track)) {
      if (stay.dwell < rule_.min_duration) continue;
      signals.push_back(MakeSignal(track, stay.zone, stay.visit));
    }
  }
  return signals;
}

Signal DwellRule::MakeSignal(const TrackView& track, std::optional<size_t> zone,
                             uint32_t visit) const {
  Signal signal;
  signal.rule = &rule_;
  signal.severity = rule_.severity;
  signal.subject = track.id;
  signal.zone = zone;
  signal.visit = visit;
  signal.tracks = {&track};
  return signal;
}

}  // namespace aislewatch::fusion
