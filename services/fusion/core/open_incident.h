// One incident while it is open: what it gathers, and when its next transition is due.
//
// Not thread-safe. Times given as Tick are the stream's (they decide), capture times are the
// camera's (they are written down, and never run backwards within an incident).
#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/fusion/core/incident.h"
#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/scene_clock.h"
#include "services/fusion/core/settings.h"

namespace aislewatch::fusion {

class OpenIncident {
 public:
  /// A new one without content yet; its first transition will be OPENED.
  OpenIncident(std::string id, const Tick& tick, absl::Time capture_time);
  /// One that a former stream left open. `rules` are those of this stream; its age counts on.
  OpenIncident(Incident adopted, const Tick& tick, absl::Time capture_time,
               absl::Span<const Rule> rules);

  const Incident& incident() const { return incident_; }
  /// The stream's time of the last frame that belongs to it.
  absl::Time last_active() const { return last_active_; }
  bool HasRule(const std::string& rule_id) const { return rules_.count(rule_id) != 0; }
  /// Whether one of the signal's people is among the incident's.
  bool Concerns(const Signal& signal) const;
  /// Whether a signal of one of its rules may belong to it, though it is about others: they stand
  /// beside one of its people (the gap between their boxes is at most half of the taller one's
  /// height), or none of its people is in the frame of `tracks`, as when they got new track ids.
  bool MayGoOnWith(const Signal& signal, absl::Span<const TrackView> tracks) const;

  /// Takes a signal that joins or goes on.
  void Add(const Signal& signal, absl::Span<const Zone> zones, const Tick& tick,
           absl::Time capture_time, const IncidentPolicy& policy);
  /// Notes models that answered and stages that did not.
  void AddContext(absl::Span<const ModelInfo> models, absl::Span<const std::string> degraded);
  /// Makes it critical where a rule's escalate_after has passed.
  void Escalate(const Tick& tick);

  /// Whether it has gone on for longer than an incident should.
  bool TooLong(const Tick& tick, const IncidentPolicy& policy) const;
  /// Whether OPENED or UPDATED is due.
  bool Due(const Tick& tick, const IncidentPolicy& policy) const;
  /// The transition that is due.
  Transition Emit(const Tick& tick, absl::Time capture_time);
  /// The last transition.
  Transition Close(absl::Time capture_time);

 private:
  struct JoinedRule {
    absl::Time since;
    std::optional<absl::Duration> escalate_after;
  };

  bool HasTrack(uint64_t id) const;
  void JoinRule(const Rule& rule, absl::Time since);
  void Lead(IncidentKind kind, Severity severity);
  void AddTrack(const TrackView& track, float risk, absl::Time time, size_t max_tracks);
  void AddZone(const std::string& id);
  void RaisePeak(const Risk& risk, absl::Time time, const IncidentPolicy& policy);
  Transition Step(TransitionKind kind, absl::Time time);

  Incident incident_;
  absl::Time opened_;
  absl::Time last_active_;
  absl::Time last_emitted_;
  // Severity of the signal that gave the incident its kind; escalation leaves it alone.
  Severity lead_severity_ = Severity::kUnspecified;
  float emitted_peak_ = 0;
  // A change that is worth telling at once, or after the update interval.
  bool urgent_ = true;
  bool changed_ = false;
  std::map<std::string, JoinedRule> rules_;
};

}  // namespace aislewatch::fusion
