// Fits the weights of the risk to episodes, and measures by cross-validation whether that helps.
//
// An episode is one example, not each of its frames: an act is over in seconds, and frames around
// it look like any others. It stands for the moment that would have raised the alarm: the highest
// log-odds that enough frames of a window reach, as fusion confirms risks. That moment depends on
// the weights, so both are found in turns (Andrews et al., "Support vector machines for
// multiple-instance learning", NIPS 2002, with a logistic loss).
//
// Weights have a normal prior around those that are there already: where the episodes say little,
// for example of zones, they stay what they were. And whatever the episodes say, the classifier
// decides: all else together stays below min_risk, and so does, in a fight, whoever is alone. What
// is known without the classifier is too little for an alarm, and footage in which it is never away
// would not say so. Stateless and thread-safe; the same episodes give
// the same weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/risk/risk_weights.h"
#include "models/ranking/bootstrap.h"
#include "models/risk/episode.h"

namespace aislewatch::risk_training {

/// Which of the two risks.
enum class RiskKind : uint8_t { kConcealment, kFight };

struct FitOptions {
  /// When a risk counts as real: as fusion's confirmation (docs/rules.md).
  absl::Duration window = absl::Milliseconds(800);
  double share = 0.625;
  int min_frames = 3;
  /// Standard deviation of the prior around each weight.
  double spread = 1;
  /// The risk at which rules fire by default: what the classifier says is shifted so that the best
  /// threshold lies there.
  double min_risk = 0.7;
  /// Which threshold is best: that of the best F1 among the episodes as they come, or a higher one
  /// from which on at least this share of alarms are right.
  double precision = 0.5;
};

/// How well episodes are told apart.
struct KindFigures {
  int positives = 0;
  int negatives = 0;
  /// Chance that an episode with an act has the higher confirmed risk; among episodes of one
  /// source, so that telling sources apart counts for nothing.
  double auc_roc = 0.5;
  /// At min_risk.
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  /// 95 % intervals where whole groups of episodes (stores, clips) are drawn with replacement, with
  /// the weights as they are; nothing where a figure is not defined.
  struct Intervals {
    std::optional<ranking::Interval> auc_roc;
    std::optional<ranking::Interval> precision;
    std::optional<ranking::Interval> recall;
  } bootstrap;
};

/// The log-odds that an episode confirms; nothing where nobody was seen for long enough.
std::optional<double> ConfirmedLogOdds(const Episode& episode, RiskKind kind,
                                       const RiskWeights& weights, const FitOptions& options);

/// The weights of both risks, beginning with `prior`'s. A kind without episodes of both sorts stays
/// as it is in `prior`. INVALID_ARGUMENT where that holds for both.
absl::StatusOr<RiskWeights> FitRisk(const std::vector<Episode>& episodes, const RiskWeights& prior,
                                    const FitOptions& options);

/// What `weights` make of the episodes, as they are.
KindFigures Measure(const std::vector<Episode>& episodes, RiskKind kind, const RiskWeights& weights,
                    const FitOptions& options);

/// The same for weights that are fitted without the episode's fold, groups being dealt to `folds`
/// in turns. The AUC is that of the folds' pairs together.
KindFigures CrossValidate(const std::vector<Episode>& episodes, RiskKind kind,
                          const RiskWeights& prior, const FitOptions& options, int folds);

}  // namespace aislewatch::risk_training
