// How well visits to zones that were told agree with what people did.
//
// Pure functions of plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

/// A visit as the cluster told it.
struct FoundVisit {
  /// The simulator's id, for which TrackMatcher translates the track; 0 where it matches nobody.
  uint64_t person_id = 0;
  std::string zone_id;
  double looking_s = 0;
  double dwell_s = 0;
  bool looked = false;
  bool entered = false;
  bool looked_before_entering = false;
};

/// A yes or no, counted.
struct YesNoScore {
  int hits = 0, false_alarms = 0, misses = 0;

  void Count(bool truth, bool found);
  void Add(const YesNoScore& other);
  std::optional<double> precision() const;
  std::optional<double> recall() const;
};

/// Seconds that were told against seconds that were.
struct TimeScore {
  int pairs = 0;
  double absolute_s = 0, truth_s = 0, found_s = 0;

  void Count(double truth, double found);
  void Add(const TimeScore& other);
  /// Mean error without and with its sign (told too much is positive); nothing without pairs.
  std::optional<double> mean_absolute_s() const;
  std::optional<double> mean_s() const;
};

struct AttentionScores {
  /// People near a zone, each zone by itself: in truth, and visits told (one may be told several
  /// times, when the tracker loses the person).
  int passers_by = 0;
  int visits_told = 0;
  /// Visits of nobody, or of people who were not near.
  int strangers = 0;
  YesNoScore looked, entered, looked_before_entering;
  /// Over people and zones with a look, or a stay, in truth or as told.
  TimeScore looking, dwell;

  void Add(const AttentionScores& other);
};

/// Several visits of a person to a zone are one: times added, a yes from any. People and zones
/// without a visit on one side have no look and no stay there.
AttentionScores ScoreAttention(absl::Span<const TruthVisit> truth,
                               absl::Span<const FoundVisit> found);

}  // namespace aislewatch::simulator
