// How scores and facts become one risk per person.
//
// A sum of log-odds, as in naive Bayes and logistic regression:
//
//   logit(risk) = bias + sum of weight * units over the parts
//
//     part              value                                units
//     clip_shoplifting  p, the classifier's probability      logit(p), p limited to 0.01..0.99,
//                                                            and 1 for clip_shoplifting_bias
//     pose_anomaly      a, fraction of normal poses that     2 a - 1
//                       are less unusual
//     zone              1 in a zone                          1, of the zone's kind
//     dwell             d = time in the picture/full_dwell   min(1, d)
//
// and for a fight
//
//     clip_fighting     p                                    as clip_shoplifting
//     pose_anomaly      a                                    2 a - 1
//     pose_fighting     p, by the poses of two               logit(p), p limited to 0.15..0.85
//     alone             1 where nobody is beside them        1
//
// A part that is missing contributes nothing, which is what a part without evidence contributes.
// Immutable, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/risk/risk_weights.h"
#include "common/roles/fighting_scorer.h"
#include "common/scene/scene.h"

namespace aislewatch {

/// A named share of a risk.
struct RiskPart {
  std::string name;
  /// The part's own value, 0..1.
  float value = 0;
  /// What it adds to the log-odds.
  float contribution = 0;
};

/// A risk and why. The contributions of `parts`, of which one is named "bias", sum to its logit.
struct Risk {
  /// 0..1.
  float value = 0;
  std::vector<RiskPart> parts;
};

/// What is known of a person in a frame. Scores that are not finite count as missing, others are
/// limited to 0..1.
struct RiskInputs {
  std::optional<float> pose_anomaly;
  std::optional<float> shoplifting;
  std::optional<float> fighting;
  /// By the poses of the person and of those beside them.
  std::optional<FightingEvidence> pair;
  /// Kinds of the zones that the person is in.
  std::vector<ZoneKind> zones;
  /// Time in the picture.
  absl::Duration dwell;
};

/// One part before it is weighed: it contributes weights.*weight * units. Terms of one name that
/// follow each other are one part.
struct RiskTerm {
  absl::string_view name;
  /// 0..1.
  double value = 0;
  double RiskWeights::*weight;
  double units = 0;
};

/// The terms of a concealment's, or a fight's, risk; the bias is the first. `weights` tells which
/// of several zones has the greatest effect, and how long full_dwell is.
std::vector<RiskTerm> ConcealmentTerms(const RiskInputs& inputs, const RiskWeights& weights);
std::vector<RiskTerm> FightTerms(const RiskInputs& inputs, const RiskWeights& weights);

class RiskModel {
 public:
  explicit RiskModel(const RiskWeights& weights) : weights_(weights) {}

  /// That the person hides an item.
  Risk Concealment(const RiskInputs& inputs) const;
  /// That the person fights.
  Risk Fight(const RiskInputs& inputs) const;

 private:
  const RiskWeights weights_;
};

}  // namespace aislewatch
