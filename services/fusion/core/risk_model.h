// How scores and facts become one risk per person.
//
// A sum of log-odds, as in naive Bayes and logistic regression:
//
//   logit(risk) = bias + sum of the parts' contributions
//     clip_shoplifting  w * logit(p), p limited to 0.01..0.99
//     pose_anomaly      w * (2 a - 1), a the fraction of normal poses that are less unusual
//     zone              the weight of the zone's kind
//     dwell             w * min(1, time in the picture / full_dwell)
//
// and for a fight
//
//   logit(risk) = bias + sum of the parts' contributions
//     clip_fighting     w * logit(p)
//     pose_anomaly      w * (2 a - 1)
//     pose_fighting     w * logit(p), p limited to 0.15..0.85; or the weight of being alone
//
// A part that is missing contributes nothing, which is what a part without evidence contributes.
// Immutable, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/roles/fighting_scorer.h"
#include "common/scene/scene.h"
#include "services/fusion/core/settings.h"

namespace aislewatch::fusion {

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

class RiskModel {
 public:
  explicit RiskModel(const RiskWeights& weights) : weights_(weights) {}

  /// That the person hides an item.
  Risk Concealment(const RiskInputs& inputs) const;
  /// That the person fights.
  Risk Fight(const RiskInputs& inputs) const;

 private:
  double ZoneWeight(absl::Span<const ZoneKind> zones) const;

  const RiskWeights weights_;
};

}  // namespace aislewatch::fusion
