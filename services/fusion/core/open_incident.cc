#include "services/fusion/core/open_incident.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace aislewatch::fusion {
namespace {

// Lists that outsiders can make longer (models, stages) stay short.
constexpr size_t kMostNames = 32;

// Who is nearer than half of a person's height is within reach.
constexpr float kBeside = 0.5f;

// Of kinds of the same severity, the graver one names the incident.
int Gravity(IncidentKind kind) {
  switch (kind) {
    case IncidentKind::kWeapon:
      return 7;
    case IncidentKind::kFight:
      return 6;
    case IncidentKind::kConcealment:
      return 5;
    case IncidentKind::kCheckoutBypass:
      return 4;
    case IncidentKind::kRestrictedZone:
      return 3;
    case IncidentKind::kLoitering:
      return 2;
    case IncidentKind::kCrowd:
      return 1;
    case IncidentKind::kUnspecified:
      break;
  }
  return 0;
}

// In heights of the frame, so that both axes count alike.
bool AreBeside(const TrackView& a, const TrackView& b) {
  const auto gap = [](float from_a, float to_a, float from_b, float to_b) {
    return std::max({0.0f, from_b - to_a, from_a - to_b});
  };
  const float across = gap(a.box.x, a.box.right(), b.box.x, b.box.right()) * a.aspect;
  const float along = gap(a.box.y, a.box.bottom(), b.box.y, b.box.bottom());
  // Not true of boxes that are no numbers.
  return std::hypot(across, along) <= kBeside * std::max(a.box.height, b.box.height);
}

template <typename List, typename Value>
bool Holds(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

OpenIncident::OpenIncident(std::string id, const Tick& tick, absl::Time capture_time)
    : opened_(tick.now), last_active_(tick.now), last_emitted_(tick.now) {
  incident_.id = std::move(id);
  incident_.opened_time = incident_.updated_time = incident_.peak_time = capture_time;
}

OpenIncident::OpenIncident(Incident adopted, const Tick& tick, absl::Time capture_time,
                           absl::Span<const Rule> rules)
    : incident_(std::move(adopted)), last_active_(tick.now), last_emitted_(tick.now) {
  const absl::Duration age = capture_time - incident_.opened_time;
  opened_ = tick.now - std::clamp(age, absl::ZeroDuration(), absl::Hours(24));
  incident_.updated_time = std::max(incident_.updated_time, incident_.opened_time);
  lead_severity_ = std::min(incident_.severity, DefaultRule(incident_.kind).severity);
  emitted_peak_ = incident_.peak_risk;
  urgent_ = false;
  for (const Rule& rule : rules) {
    if (Holds(incident_.rule_ids, rule.id)) {
      rules_[rule.id] = {opened_, rule.escalate_after};
    }
  }
}

bool OpenIncident::Concerns(const Signal& signal) const {
  return std::any_of(signal.tracks.begin(), signal.tracks.end(),
                     [this](const TrackView* track) { return HasTrack(track->id); });
}

bool OpenIncident::MayGoOnWith(const Signal& signal, absl::Span<const TrackView> tracks) const {
  bool seen = false;
  for (const TrackView& other : tracks) {
    if (!HasTrack(other.id)) continue;
    seen = true;
    for (const TrackView* one : signal.tracks) {
      if (AreBeside(*one, other)) return true;
    }
  }
  return !seen;
}

bool OpenIncident::HasTrack(uint64_t id) const {
  return std::any_of(incident_.tracks.begin(), incident_.tracks.end(),
                     [id](const auto& track) { return track.track_id == id; });
}

void OpenIncident::Add(const Signal& signal, absl::Span<const Zone> zones, const Tick& tick,
                       absl::Time capture_time, const IncidentPolicy& policy) {
  const absl::Time time = std::max(capture_time, incident_.updated_time);
  incident_.updated_time = time;
  last_active_ = tick.now;
  JoinRule(*signal.rule, tick.now);
  Lead(signal.rule->kind, signal.severity);
  if (signal.zone) AddZone(zones[*signal.zone].id);
  for (const TrackView* track : signal.tracks) {
    const Risk& risk = RiskFor(signal.rule->kind, *track);
    AddTrack(*track, risk.value, time, policy.max_tracks);
    RaisePeak(risk, time, policy);
    if (signal.zone) continue;
    for (const Stay& stay : track->stays) AddZone(zones[stay.zone].id);
  }
}

void OpenIncident::JoinRule(const Rule& rule, absl::Time since) {
  if (!rules_.try_emplace(rule.id, JoinedRule{since, rule.escalate_after}).second) return;
  if (!Holds(incident_.rule_ids, rule.id)) incident_.rule_ids.push_back(rule.id);
  urgent_ = true;
}

void OpenIncident::Lead(IncidentKind kind, Severity severity) {
  const bool graver = severity == lead_severity_ && Gravity(kind) > Gravity(incident_.kind);
  if (severity > lead_severity_ || graver) {
    lead_severity_ = severity;
    if (kind != incident_.kind) urgent_ = true;
    incident_.kind = kind;
  }
  if (severity > incident_.severity) {
    incident_.severity = severity;
    urgent_ = true;
  }
}

void OpenIncident::AddTrack(const TrackView& track, float risk, absl::Time time,
                            size_t max_tracks) {
  const auto it =
      std::find_if(incident_.tracks.begin(), incident_.tracks.end(),
                   [&track](const IncidentTrack& known) { return known.track_id == track.id; });
  if (it != incident_.tracks.end()) {
    it->peak_risk = std::max(it->peak_risk, risk);
    it->last_time = std::max(it->last_time, time);
  } else if (incident_.tracks.size() < max_tracks) {
    incident_.tracks.push_back({track.id, risk, time, time});
    changed_ = true;
  }
}

void OpenIncident::AddZone(const std::string& id) {
  if (Holds(incident_.zone_ids, id)) return;
  incident_.zone_ids.push_back(id);
  changed_ = true;
}

void OpenIncident::RaisePeak(const Risk& risk, absl::Time time, const IncidentPolicy& policy) {
  if (!(risk.value > incident_.peak_risk)) return;
  incident_.peak_risk = risk.value;
  incident_.peak_time = time;
  incident_.parts = risk.parts;
  if (risk.value >= emitted_peak_ + policy.update_rise) changed_ = true;
}

void OpenIncident::AddContext(absl::Span<const ModelInfo> models,
                              absl::Span<const std::string> degraded) {
  for (const ModelInfo& model : models) {
    const bool known = std::any_of(
        incident_.models.begin(), incident_.models.end(), [&model](const ModelInfo& other) {
          return other.name == model.name && other.version == model.version;
        });
    if (known || incident_.models.size() >= kMostNames) continue;
    incident_.models.push_back(model);
    changed_ = true;
  }
  for (const std::string& stage : degraded) {
    if (Holds(incident_.degraded, stage) || incident_.degraded.size() >= kMostNames) continue;
    incident_.degraded.push_back(stage);
    changed_ = true;
  }
}

void OpenIncident::Escalate(const Tick& tick) {
  if (incident_.severity >= Severity::kCritical) return;
  for (const auto& [id, rule] : rules_) {
    if (!rule.escalate_after || tick.now - rule.since < *rule.escalate_after) continue;
    incident_.severity = Severity::kCritical;
    urgent_ = true;
  }
}

bool OpenIncident::TooLong(const Tick& tick, const IncidentPolicy& policy) const {
  absl::Duration limit = policy.max_open;
  for (const auto& [id, rule] : rules_) {
    // An incident that is still to escalate has to live until then.
    if (rule.escalate_after) {
      limit = std::max(limit, rule.since - opened_ + *rule.escalate_after + absl::Seconds(1));
    }
  }
  return tick.now - opened_ > limit;
}

bool OpenIncident::Due(const Tick& tick, const IncidentPolicy& policy) const {
  return urgent_ || (changed_ && tick.now - last_emitted_ >= policy.update_interval);
}

Transition OpenIncident::Emit(const Tick& tick, absl::Time capture_time) {
  last_emitted_ = tick.now;
  emitted_peak_ = incident_.peak_risk;
  urgent_ = changed_ = false;
  const TransitionKind kind =
      incident_.transition_number == 0 ? TransitionKind::kOpened : TransitionKind::kUpdated;
  return Step(kind, capture_time);
}

Transition OpenIncident::Close(absl::Time capture_time) {
  incident_.open = false;
  incident_.closed_time = std::max(capture_time, incident_.updated_time);
  return Step(TransitionKind::kClosed, capture_time);
}

Transition OpenIncident::Step(TransitionKind kind, absl::Time time) {
  ++incident_.transition_number;
  return {kind, std::max(time, incident_.updated_time), incident_};
}

}  // namespace aislewatch::fusion
