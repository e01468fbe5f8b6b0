// Everything about judging that is not a camera's own: set once per process, documented in
// docs/rules.md with the same names. Plain values.
#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "common/risk/risk_weights.h"

namespace aislewatch::fusion {

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
