// The numbers of the risk's log-odds; risk_model.h says how they are used. Plain values.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace aislewatch {

/// What is written here is chosen by hand, so that the classifier decides and everything else tips
/// the scales: pose anomaly, zones and dwell together stay below every default min_risk. What was
/// learnt comes from models/risk.
struct RiskWeights {
  /// Log-odds of a concealment before anything is known of a person: a risk of 0.18.
  double bias = -1.5;
  /// Per unit of logit(clip probability of shoplifting): 0.5 says nothing, 0.83 alone reaches 0.7.
  double clip_shoplifting = 1.5;
  /// Added wherever the classifier has answered: moves the probability that says nothing.
  double clip_shoplifting_bias = 0;
  /// At a pose anomaly of 1; its negative at 0. Small: the score separates with an AUC of 0.7.
  double pose_anomaly = 0.8;
  /// For standing in a zone; of several zones the one with the greatest effect counts.
  double zone_shelf = 0.2;
  double zone_checkout = -0.6;
  double zone_exit = 0.2;
  double zone_restricted = 0.4;
  double zone_storefront = 0;
  /// After full_dwell in the picture; proportionally less before.
  double dwell = 0.3;
  absl::Duration full_dwell = absl::Minutes(5);
  /// Log-odds of a fight before anything is known.
  double fight_bias = -1.5;
  /// Per unit of logit(clip probability of fighting).
  double clip_fighting = 1.5;
  /// As clip_shoplifting_bias.
  double clip_fighting_bias = 0;
  /// As pose_anomaly, for a fight.
  double fight_pose_anomaly = 0.4;
  /// Per unit of the log-odds that the poses of two people beside each other show a fight. The
  /// scorer gives log-odds as they are, so 1; RiskModel never believes it further than 0.15..0.85.
  double pose_fighting = 1;
  /// For somebody beside whom nobody is or lately was: it takes two. So low that the surest
  /// classifier and the oddest pose together stay below the default min_risk.
  double fight_alone = -5;

  bool operator==(const RiskWeights&) const = default;
};

/// A weight and its name, the same in models, rules files and documents.
struct NamedRiskWeight {
  absl::string_view name;
  double RiskWeights::*weight;
};

/// Every weight; the biases among them, full_dwell not.
absl::Span<const NamedRiskWeight> NamedRiskWeights();

/// What somebody wants to have otherwise than a model has it.
struct RiskWeightChanges {
  /// By name; others than those of NamedRiskWeights() do nothing.
  std::map<std::string, double, std::less<>> weights;
  std::optional<absl::Duration> full_dwell;

  RiskWeights ApplyTo(RiskWeights weights) const;

  bool operator==(const RiskWeightChanges&) const = default;
};

}  // namespace aislewatch
