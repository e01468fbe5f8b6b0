// How well found incidents agree with what happened.
//
// Pure functions of plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

/// An incident as the cluster reported it.
struct FoundIncident {
  ActKind kind = ActKind::kConcealment;
  double opened_s = 0;
  /// The simulator's ids of its people, for which TrackMatcher translates track ids. Somebody who
  /// matches no true person has no id here; such an incident matches no act.
  std::vector<uint64_t> person_ids;
};

struct ScoringTolerance {
  /// An incident may open so long before the act starts: starts are not sharp.
  double early_s = 0.5;
  /// And so long after it ends.
  double late_s = 5;
};

/// What became of one act.
struct ActOutcome {
  /// Index into the true incidents.
  size_t act = 0;
  /// Index into the found incidents; nothing where the act was missed.
  std::optional<size_t> found;
  /// From the end of the act to the opening, seconds; negative while the act still went on.
  double delay_s = 0;
};

struct IncidentScores {
  /// One per complete act of the kinds asked for, by start.
  std::vector<ActOutcome> acts;
  /// Found incidents that are no act's.
  std::vector<size_t> false_alarms;
  /// Found incidents that belong to an act the footage cuts off: neither right nor wrong.
  std::vector<size_t> ignored;
  int hits = 0;
  /// hits / (hits + false alarms); nothing without either.
  std::optional<double> precision;
  /// hits / complete acts; nothing without acts.
  std::optional<double> recall;

  /// The q-quantile (0..1, nearest rank) of the hits' delays; nothing without hits.
  std::optional<double> DelayQuantile(double q) const;
};

/// Pairs acts and found incidents of the same kind that share a person and agree in time, each at
/// most once, so that as many as possible are paired; among those, earlier acts get earlier
/// incidents. A second incident for the same act, and one on a person without an act, is a false
/// alarm. `kinds` limits both sides; empty means all.
IncidentScores ScoreIncidents(absl::Span<const TruthIncident> truth,
                              absl::Span<const FoundIncident> found,
                              const ScoringTolerance& tolerance = {},
                              absl::Span<const ActKind> kinds = {});

/// Learns from boxes which track is which person. Not thread-safe.
class TrackMatcher {
 public:
  /// One frame: the truth and the tracker's people. Each track votes for the person whose box
  /// overlaps most, from an IoU of 0.3 on.
  void Observe(const TruthFrame& truth, absl::Span<const TrackedPerson> tracks);
  /// The person that most of the track's frames voted for; nothing for an unknown track.
  std::optional<uint64_t> PersonOf(uint64_t track_id) const;
  /// The people of several tracks, each once.
  std::vector<uint64_t> PeopleOf(absl::Span<const uint64_t> track_ids) const;

 private:
  std::map<uint64_t, std::map<uint64_t, int>> votes_;
};

}  // namespace aislewatch::simulator
