// How well acts that alarm, of concealment or fighting, stand out from everything else, act by act.
//
// A window's figures flatter: an act of thirty windows counts thirty times, and a shop hears of
// each only once. Plain values; free of LibTorch.
#pragma once

#include <cstdint>
#include <vector>

#include "models/clip_training/clip_labels.h"

namespace aislewatch::clip_training {

/// Gathers the scores of tracks and finds the threshold that tells acts from the rest best. An
/// alarm is what fusion takes for one by default: a score that at least five of the last eight
/// crops reach (docs/rules.md). Not thread-safe.
class ActEvents {
 public:
  /// `actions`: those of which alarms are raised.
  explicit ActEvents(ActionSet actions) : actions_(actions) {}

  struct Figures {
    int acts = 0;
    /// Acts with an alarm between their start and two seconds after their end.
    int found = 0;
    int false_alarms = 0;
    /// Log-odds from which an alarm is raised.
    float threshold = 0;

    double recall() const;
    double precision() const;
    /// F-measure where each act counts `act_weight` times and recall `beta` times as much as
    /// precision (van Rijsbergen 1979).
    double f(double beta, double act_weight = 1) const;
  };

  /// One track: `crops` are rising indices into `targets`, `log_odds` what was said of the actions
  /// after each.
  void Add(const std::vector<int64_t>& crops, const std::vector<float>& log_odds,
           const std::vector<ActionSet>& targets);

  /// With alarms from `threshold` on.
  Figures At(float threshold) const;
  /// At the threshold with the highest F0.5, since staff stop looking at alarms that are false; in
  /// the middle of the gap to the next score below; above every score where no threshold finds
  /// anything. Footage to learn from is full of acts; `act_weight` < 1 makes them as rare as they
  /// are elsewhere, which asks for a higher threshold.
  Figures Best(double act_weight = 1) const;

 private:
  ActionSet actions_;
  // Highest confirmed score of each act.
  std::vector<float> acts_;
  // Of each track, the highest confirmed score of each ten seconds outside of acts: one alarm each,
  // as the rule's cooldown has it.
  std::vector<float> others_;
};

}  // namespace aislewatch::clip_training
