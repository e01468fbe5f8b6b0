// Everything about judging that is not a camera's own: set once per process, documented in
// docs/rules.md with the same names. Plain values.
#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace aislewatch::fusion {

/// Weights of the risk's log-odds; risk_model.h says how they are used. Chosen by hand so that the
/// classifier decides and everything else tips the scales: pose anomaly, zones and dwell together
/// stay below every default min_risk.
struct RiskWeights {
  /// Log-odds of a concealment before anything is known of a person: a risk of 0.18.
  double bias = -1.5;
  /// Per unit of logit(clip probability of shoplifting): 0.5 says nothing, 0.83 alone reaches 0.7.
  double clip_shoplifting = 1.5;
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

/// When a risk counts as real.
struct Confirmation {
  /// The stretch of frames that is looked at; "8 frames" at 10 frames per second.
  absl::Duration window = absl::Milliseconds(800);
  /// Part of the window's frames that must reach the threshold, 0..1; 5 of 8.
  double share = 0.625;
  /// Fewer frames never confirm, however slow the camera is; >= 1.
  int min_frames = 3;
  /// A confirmed condition ends when the risk falls under this part of its threshold, 0..1.
  double close_ratio = 0.6;

  bool operator==(const Confirmation&) const = default;
};

/// What joins one incident.
enum class JoinPolicy {
  /// What concerns the same people, and what one rule raises for people who stand side by side: the
  /// two of a fight are one incident, a loiterer at the other end of the shop is another.
  kScene,
  /// Everything on a camera that overlaps in time.
  kCamera,
  /// Only what the same rule raises.
  kRule,
};

/// The life of incidents.
struct IncidentPolicy {
  JoinPolicy join = JoinPolicy::kScene;
  /// Quiet time after which an incident closes.
  absl::Duration close_after = absl::Seconds(3);
  /// Least time between two updates, but for a new severity, kind or rule.
  absl::Duration update_interval = absl::Seconds(1);
  /// Rise of the peak risk that is worth an update.
  float update_rise = 0.05f;
  /// An incident that goes on longer is closed, so that new evidence makes a new one.
  absl::Duration max_open = absl::Minutes(5);
  /// How long the pose stage may be away before silence counts as quiet.
  absl::Duration max_blind = absl::Seconds(30);
  /// Tracks kept per incident; further ones are not listed.
  size_t max_tracks = 100;

  bool operator==(const IncidentPolicy&) const = default;
};

/// All of it.
struct FusionSettings {
  RiskWeights weights;
  Confirmation confirmation;
  IncidentPolicy incidents;
  /// Confirmed risk from which concealment and fight are critical whatever their rule says; above
  /// 1 never.
  double critical_risk = 0.95;
  /// Time in a checkout zone that counts as paying; checkout_bypass.
  absl::Duration pay_after = absl::Seconds(3);
  /// Confirmed probability from which an item counts as taken, or as returned; checkout_bypass.
  double min_taking = 0.6;

  bool operator==(const FusionSettings&) const = default;
};

}  // namespace aislewatch::fusion
