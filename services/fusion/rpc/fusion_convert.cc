#include "services/fusion/rpc/fusion_convert.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch::fusion {
namespace {

// Bounds what incidents keep of names that peers choose.
constexpr int kMaxNames = 16;
constexpr size_t kMaxNameLength = 128;
constexpr uint32_t kMaxFrameSide = 65535;

absl::StatusOr<std::optional<ActionScores>> ClipFromProto(const v1::ObservedPerson& person) {
  if (!person.has_clip_score()) return std::nullopt;
  const v1::TrackClipScore& from = person.clip_score();
  if (from.track_id() != person.person().track_id()) {
    return absl::InvalidArgumentError(absl::StrCat("the clip score of track ", from.track_id(),
                                                   " stands beside track ",
                                                   person.person().track_id()));
  }
  // The classifier could not read this crop: the same as no score.
  const v1::Outcome outcome = from.status().outcome();
  const bool scored = outcome == v1::OUTCOME_OK || outcome == v1::OUTCOME_UNSPECIFIED;
  if (!scored || from.actions_size() == 0) return std::nullopt;
  ActionScores scores;
  scores.shoplifting = from.shoplifting();
  for (const v1::ActionProbability& action : from.actions()) {
    const int index = static_cast<int>(action.action()) - v1::ACTION_NORMAL;
    if (index < 0 || index >= kActionCount) continue;  // A newer classifier's class.
    scores.probability[static_cast<size_t>(index)] = action.probability();
  }
  return scores;
}

absl::StatusOr<ObservedPerson> PersonFromProto(const v1::ObservedPerson& from) {
  ObservedPerson person;
  AW_ASSIGN_OR_RETURN(person.tracked, FromProto(from.person()));
  AW_ASSIGN_OR_RETURN(person.clip, ClipFromProto(from));
  return person;
}

// Gives people what was seen at them. What cannot be used is left out, not refused: a camera must
// not go unjudged for the sake of one thing.
void AddLooks(const v1::Observation& from, std::vector<ObservedPerson>& people) {
  std::unordered_map<uint64_t, ObservedPerson*> by_id;
  // Of two people with one id the first counts, as everywhere.
  for (ObservedPerson& person : people) by_id.try_emplace(person.tracked.track_id, &person);
  for (const uint64_t id : from.looked_at_track_ids()) {
    const auto it = by_id.find(id);
    if (it != by_id.end() && !it->second->objects) it->second->objects.emplace();
  }
  for (const v1::DetectedObject& object : from.objects()) {
    const auto it = by_id.find(object.track_id());
    if (it == by_id.end() || !it->second->objects) continue;
    absl::StatusOr<SeenObject> seen = FromProto(object);
    if (seen.ok()) it->second->objects->push_back(*std::move(seen));
  }
}

std::vector<ModelInfo> ModelsFromProto(
    const google::protobuf::RepeatedPtrField<v1::ModelVersion>& from) {
  std::vector<ModelInfo> models;
  for (const v1::ModelVersion& model : from) models.push_back({model.name(), model.version()});
  return models;
}

absl::Status CheckNames(const v1::Observation& from) {
  if (from.models_size() > kMaxNames || from.degraded_size() > kMaxNames) {
    return absl::InvalidArgumentError(
        absl::StrCat("an observation names at most ", kMaxNames, " models and stages"));
  }
  const auto too_long = [](const std::string& name) { return name.size() > kMaxNameLength; };
  bool any = std::any_of(from.degraded().begin(), from.degraded().end(), too_long);
  for (const v1::ModelVersion& model : from.models()) {
    any = any || too_long(model.name()) || too_long(model.version());
  }
  if (!any) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("names of models and stages have at most ", kMaxNameLength, " bytes"));
}

template <typename Enum, size_t N>
Enum EnumFromProto(int value, const std::array<absl::string_view, N>&) {
  return value >= 0 && value < static_cast<int>(N) ? static_cast<Enum>(value) : Enum{};
}

float Fraction(float value) { return value >= 0 && value <= 1 ? value : 0; }

std::vector<std::string> IncidentFaults(const v1::Incident& from, const std::string& camera_id) {
  std::vector<std::string> faults;
  const std::string name = absl::StrCat("open incident \"", from.incident_id().substr(0, 40), "\"");
  const auto check = [&](bool valid, absl::string_view fault) {
    if (!valid) faults.push_back(absl::StrCat(name, ": ", fault));
  };
  check(IsUuid(from.incident_id()), "incident_id must be a UUID in lower case");
  check(from.camera_id() == camera_id, "it belongs to another camera");
  check(from.transition_number() >= 1, "transition_number must be that of its last transition");
  check(v1::IncidentKind_IsValid(from.kind()) && from.kind() != 0, "kind is not known");
  check(v1::Severity_IsValid(from.severity()) && from.severity() != 0, "severity is not known");
  check(from.has_opened_time() && from.has_updated_time(),
        "opened_time and updated_time are missing");
  check(CheckTime(from.opened_time(), "").ok() && CheckTime(from.updated_time(), "").ok() &&
            CheckTime(from.peak_time(), "").ok(),
        "a time is outside of the years 1..9999");
  return faults;
}

Incident IncidentFromProto(const v1::Incident& from) {
  Incident incident;
  incident.id = from.incident_id();
  incident.kind = EnumFromProto<IncidentKind>(from.kind(), kIncidentKindNames);
  incident.severity = EnumFromProto<Severity>(from.severity(), kSeverityNames);
  incident.opened_time = FromProto(from.opened_time());
  incident.updated_time = FromProto(from.updated_time());
  incident.peak_risk = Fraction(from.peak_risk());
  incident.peak_time = from.has_peak_time() ? FromProto(from.peak_time()) : incident.opened_time;
  for (const v1::IncidentTrack& track : from.tracks()) {
    incident.tracks.push_back({track.track_id(), Fraction(track.peak_risk()),
                               FromProto(track.first_time()), FromProto(track.last_time())});
  }
  incident.rule_ids.assign(from.rule_ids().begin(), from.rule_ids().end());
  incident.zone_ids.assign(from.zone_ids().begin(), from.zone_ids().end());
  for (const v1::RiskPart& part : from.parts()) {
    incident.parts.push_back({part.name(), part.value(), part.contribution()});
  }
  incident.models = ModelsFromProto(from.models());
  incident.degraded.assign(from.degraded().begin(), from.degraded().end());
  incident.transition_number = from.transition_number();
  return incident;
}

template <typename Message>
void AddParts(const std::vector<RiskPart>& parts, Message& to) {
  for (const RiskPart& part : parts) {
    v1::RiskPart& out = *to.add_parts();
    out.set_name(part.name);
    out.set_value(part.value);
    out.set_contribution(part.contribution);
  }
}

void AddKind(v1::IncidentKind kind, const Risk& risk, v1::TrackRisk& to) {
  v1::KindRisk& out = *to.add_kinds();
  out.set_kind(kind);
  out.set_risk(risk.value);
  AddParts(risk.parts, out);
}

v1::ZoneVisit VisitToProto(const Visit& from, const v1::StreamIdentity& identity) {
  v1::ZoneVisit to;
  to.set_visit_id(from.id);
  to.set_camera_id(identity.camera_id());
  to.set_store_id(identity.store_id());
  to.set_zone_id(from.zone_id);
  to.set_zone_kind(static_cast<v1::ZoneKind>(from.zone_kind));
  *to.mutable_begin_time() = ToProto(from.begin);
  *to.mutable_end_time() = ToProto(from.end);
  *to.mutable_looking_time() = ToProto(from.looking_time);
  to.set_looked(from.looked);
  to.set_entered(from.entered);
  to.set_looked_before_entering(from.looked_before_entering);
  *to.mutable_dwell() = ToProto(from.dwell);
  to.set_track_id(from.track_id);
  return to;
}

v1::TrackRisk RiskToProto(const PersonRisk& from) {
  v1::TrackRisk to;
  to.set_track_id(from.track_id);
  if (from.pose_anomaly) to.set_pose_anomaly(*from.pose_anomaly);
  if (from.shoplifting) to.set_shoplifting(*from.shoplifting);
  to.set_risk(from.greatest().value);
  AddParts(from.greatest().parts, to);
  for (const std::string& id : from.zone_ids) to.add_zone_ids(id);
  for (const std::string& id : from.looking_at_zone_ids) to.add_looking_at_zone_ids(id);
  *to.mutable_dwell() = ToProto(from.dwell);
  AddKind(v1::INCIDENT_KIND_CONCEALMENT, from.concealment, to);
  AddKind(v1::INCIDENT_KIND_FIGHT, from.fight, to);
  return to;
}

}  // namespace

// What google.protobuf.Timestamp may hold, and so what databases take.
absl::Status CheckTime(const google::protobuf::Timestamp& time, absl::string_view what) {
  const bool valid = time.seconds() >= -62135596800 && time.seconds() <= 253402300799 &&
                     time.nanos() >= 0 && time.nanos() <= 999999999;
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " is outside of the years 1..9999"));
}

absl::Status CheckFrameSize(uint32_t width, uint32_t height) {
  if (width >= 1 && width <= kMaxFrameSide && height >= 1 && height <= kMaxFrameSide) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("frame_width and frame_height must be 1..",
                                                 kMaxFrameSide, ", not ", width, " and ", height));
}

v1::Incident IncidentToProto(const Incident& from, const v1::StreamIdentity& identity) {
  v1::Incident to;
  to.set_incident_id(from.id);
  to.set_camera_id(identity.camera_id());
  to.set_store_id(identity.store_id());
  to.set_kind(static_cast<v1::IncidentKind>(from.kind));
  to.set_severity(static_cast<v1::Severity>(from.severity));
  to.set_state(from.open ? v1::INCIDENT_STATE_OPEN : v1::INCIDENT_STATE_CLOSED);
  *to.mutable_opened_time() = ToProto(from.opened_time);
  *to.mutable_updated_time() = ToProto(from.updated_time);
  if (!from.open) *to.mutable_closed_time() = ToProto(from.closed_time);
  to.set_peak_risk(from.peak_risk);
  *to.mutable_peak_time() = ToProto(from.peak_time);
  for (const IncidentTrack& track : from.tracks) {
    v1::IncidentTrack& out = *to.add_tracks();
    out.set_track_id(track.track_id);
    out.set_peak_risk(track.peak_risk);
    *out.mutable_first_time() = ToProto(track.first_time);
    *out.mutable_last_time() = ToProto(track.last_time);
  }
  for (const std::string& id : from.rule_ids) to.add_rule_ids(id);
  for (const std::string& id : from.zone_ids) to.add_zone_ids(id);
  AddParts(from.parts, to);
  for (const ModelInfo& model : from.models) *to.add_models() = ModelToProto(model);
  for (const std::string& stage : from.degraded) to.add_degraded(stage);
  to.set_transition_number(from.transition_number);
  return to;
}

absl::StatusOr<Observation> ObservationFromProto(const v1::Observation& from) {
  if (!from.has_capture_time()) {
    return absl::InvalidArgumentError(
        "the observation has no capture_time, by which everything is judged");
  }
  AW_RETURN_IF_ERROR(CheckTime(from.capture_time(), "capture_time"));
  AW_RETURN_IF_ERROR(CheckFrameSize(from.frame_width(), from.frame_height()));
  if (from.people_size() > kMaxPeople) {
    return absl::InvalidArgumentError(absl::StrCat("an observation holds at most ", kMaxPeople,
                                                   " people, not ", from.people_size()));
  }
  AW_RETURN_IF_ERROR(CheckNames(from));
  Observation observation;
  observation.capture_time = FromProto(from.capture_time());
  observation.frame = {static_cast<int>(from.frame_width()), static_cast<int>(from.frame_height())};
  observation.people.reserve(static_cast<size_t>(from.people_size()));
  for (int i = 0; i < from.people_size(); ++i) {
    absl::StatusOr<ObservedPerson> person = PersonFromProto(from.people(i));
    if (!person.ok()) return Annotate(person.status(), absl::StrCat("people[", i, "]"));
    observation.people.push_back(*std::move(person));
  }
  AddLooks(from, observation.people);
  observation.degraded.assign(from.degraded().begin(), from.degraded().end());
  observation.models = ModelsFromProto(from.models());
  observation.last = from.last();
  return observation;
}

std::vector<Incident> OpenIncidentsFromProto(const v1::FusionStreamConfig& config,
                                             std::vector<std::string>& faults) {
  std::vector<Incident> incidents;
  if (config.open_incidents_size() > kMaxOpenIncidents) {
    faults.push_back(absl::StrCat("a stream adopts at most ", kMaxOpenIncidents,
                                  " open incidents, not ", config.open_incidents_size()));
    return incidents;
  }
  for (const v1::Incident& from : config.open_incidents()) {
    if (from.state() != v1::INCIDENT_STATE_OPEN) continue;
    const auto found = IncidentFaults(from, config.identity().camera_id());
    faults.insert(faults.end(), found.begin(), found.end());
    if (found.empty()) incidents.push_back(IncidentFromProto(from));
  }
  return incidents;
}

v1::FusionResult JudgementToProto(const Judgement& judgement, const v1::StreamIdentity& identity,
                                  const ModelInfo& model) {
  v1::FusionResult to;
  for (const PersonRisk& person : judgement.people) *to.add_tracks() = RiskToProto(person);
  for (const Transition& transition : judgement.transitions) {
    v1::IncidentTransition& out = *to.add_transitions();
    out.set_number(transition.incident.transition_number);
    out.set_kind(static_cast<v1::TransitionKind>(transition.kind));
    *out.mutable_time() = ToProto(transition.time);
    *out.mutable_incident() = IncidentToProto(transition.incident, identity);
  }
  for (const Visit& visit : judgement.visits) *to.add_visits() = VisitToProto(visit, identity);
  if (!model.name.empty()) *to.mutable_model() = ModelToProto(model);
  return to;
}

v1::ModelVersion ModelToProto(const ModelInfo& model) {
  v1::ModelVersion to;
  to.set_name(model.name);
  to.set_version(model.version);
  return to;
}

}  // namespace aislewatch::fusion
