#include "services/events/rpc/convert.h"

#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/scene/proto_scene.h"

namespace aislewatch::events {
namespace {

using aislewatch::FromProto;
using aislewatch::ToProto;

constexpr absl::Duration kDefaultLease = absl::Seconds(8);

template <typename Enum>
Enum EnumFromProto(int value, int last) {
  return value >= 0 && value <= last ? static_cast<Enum>(value) : Enum{};
}

IncidentKind KindFromProto(int value) {
  return EnumFromProto<IncidentKind>(value, static_cast<int>(kIncidentKindNames.size()) - 1);
}

Severity SeverityFromProto(int value) {
  return EnumFromProto<Severity>(value, static_cast<int>(kSeverityNames.size()) - 1);
}

template <typename ProtoEnum, typename Enum>
ProtoEnum EnumToProto(Enum value) {
  return static_cast<ProtoEnum>(static_cast<int>(value));
}

// The database keeps microseconds; what is compared with it must have no more.
absl::Time ToMicros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

template <typename Message>
std::optional<absl::Time> TimeFromProto(bool present, const Message& timestamp) {
  if (!present) return std::nullopt;
  return ToMicros(FromProto(timestamp));
}

// Reads what event storage wrote itself. Fields of a newer writer are left out.
void ReadJson(const std::string& json, google::protobuf::Message& message) {
  if (json.empty()) return;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message, options);
  if (!status.ok()) message.Clear();
}

absl::StatusOr<std::string> WriteJson(const google::protobuf::Message& message,
                                      absl::string_view what) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  if (status.ok()) return json;
  // For example a timestamp outside years 1..9999.
  return absl::InvalidArgumentError(
      absl::StrCat(what, " has a value out of range: ", std::string(status.message())));
}

absl::StatusOr<Incident> IncidentFromProto(const v1::Incident& from) {
  Incident incident;
  incident.incident_id = from.incident_id();
  incident.camera_id = from.camera_id();
  incident.store_id = from.store_id();
  incident.kind = KindFromProto(from.kind());
  incident.severity = SeverityFromProto(from.severity());
  incident.state = EnumFromProto<IncidentState>(from.state(), kLastIncidentState);
  incident.opened_time = TimeFromProto(from.has_opened_time(), from.opened_time());
  incident.updated_time = TimeFromProto(from.has_updated_time(), from.updated_time());
  incident.closed_time = TimeFromProto(from.has_closed_time(), from.closed_time());
  incident.peak_risk = from.peak_risk();
  for (const v1::IncidentTrack& track : from.tracks()) {
    incident.tracks.push_back({track.track_id(), track.peak_risk(),
                               TimeFromProto(track.has_first_time(), track.first_time()),
                               TimeFromProto(track.has_last_time(), track.last_time())});
  }
  v1::Incident content = from;
  content.clear_review_state();
  content.clear_transition_number();
  content.clear_hold();
  AW_ASSIGN_OR_RETURN(incident.content,
                      WriteJson(content, absl::StrCat("incident ", from.incident_id())));
  return incident;
}

}  // namespace

absl::StatusOr<Transition> TransitionFromProto(const v1::IncidentTransition& from) {
  Transition transition;
  transition.number = from.number();
  transition.kind = EnumFromProto<TransitionKind>(from.kind(), kLastTransitionKind);
  transition.time = TimeFromProto(from.has_time(), from.time());
  AW_ASSIGN_OR_RETURN(transition.incident, IncidentFromProto(from.incident()));
  return transition;
}

v1::Incident ToProto(const Incident& incident) {
  v1::Incident to;
  ReadJson(incident.content, to);
  to.set_review_state(EnumToProto<v1::ReviewState>(incident.review_state));
  to.set_transition_number(incident.transition_number);
  to.set_hold(incident.hold);
  return to;
}

v1::IncidentTransition ToProto(const Transition& transition) {
  v1::IncidentTransition to;
  to.set_number(transition.number);
  to.set_kind(EnumToProto<v1::TransitionKind>(transition.kind));
  if (transition.time.has_value()) *to.mutable_time() = ToProto(*transition.time);
  *to.mutable_incident() = ToProto(transition.incident);
  return to;
}

v1::GetIncidentResponse ToProto(const IncidentHistory& history) {
  v1::GetIncidentResponse to;
  *to.mutable_incident() = ToProto(history.incident);
  for (const auto& entry : history.transitions) *to.add_transitions() = ToProto(entry);
  for (const auto& entry : history.reviews) *to.add_reviews() = ToProto(entry);
  return to;
}

IncidentFilter FilterFromProto(const v1::IncidentFilter& from) {
  IncidentFilter filter;
  filter.store_ids.assign(from.store_ids().begin(), from.store_ids().end());
  filter.camera_ids.assign(from.camera_ids().begin(), from.camera_ids().end());
  for (const int kind : from.kinds()) filter.kinds.push_back(KindFromProto(kind));
  // Not EnumFromProto: a number that we do not know must be refused, not taken for "any".
  filter.min_severity = static_cast<Severity>(from.min_severity());
  filter.state = static_cast<IncidentState>(from.state());
  filter.review_state = static_cast<ReviewState>(from.review_state());
  filter.opened_from = TimeFromProto(from.has_opened_from(), from.opened_from());
  filter.opened_until = TimeFromProto(from.has_opened_until(), from.opened_until());
  return filter;
}

v1::IncidentFilter ToProto(const IncidentFilter& filter) {
  v1::IncidentFilter to;
  to.mutable_store_ids()->Add(filter.store_ids.begin(), filter.store_ids.end());
  to.mutable_camera_ids()->Add(filter.camera_ids.begin(), filter.camera_ids.end());
  for (const IncidentKind kind : filter.kinds) to.add_kinds(EnumToProto<v1::IncidentKind>(kind));
  to.set_min_severity(EnumToProto<v1::Severity>(filter.min_severity));
  to.set_state(EnumToProto<v1::IncidentState>(filter.state));
  to.set_review_state(EnumToProto<v1::ReviewState>(filter.review_state));
  if (filter.opened_from.has_value()) *to.mutable_opened_from() = ToProto(*filter.opened_from);
  if (filter.opened_until.has_value()) *to.mutable_opened_until() = ToProto(*filter.opened_until);
  return to;
}

Review ReviewFromProto(const v1::ReviewIncidentRequest& from) {
  Review review;
  review.incident_id = from.incident_id();
  review.state = EnumFromProto<ReviewState>(from.state(), kLastReviewState);
  review.reviewer = from.reviewer();
  review.note = from.note();
  return review;
}

v1::Review ToProto(const Review& review) {
  v1::Review to;
  to.set_review_id(review.review_id);
  to.set_incident_id(review.incident_id);
  to.set_state(EnumToProto<v1::ReviewState>(review.state));
  to.set_reviewer(review.reviewer);
  to.set_note(review.note);
  *to.mutable_create_time() = ToProto(review.create_time);
  return to;
}

v1::WatchIncidentsResponse ToProto(const WatchEvent& event) {
  v1::WatchIncidentsResponse to;
  to.set_cursor(event.cursor);
  if (event.transition.has_value()) *to.mutable_transition() = ToProto(*event.transition);
  if (event.review.has_value()) *to.mutable_review() = ToProto(*event.review);
  return to;
}

Evidence EvidenceFromProto(const v1::Evidence& from) {
  Evidence evidence;
  evidence.evidence_id = from.evidence_id();
  evidence.incident_id = from.incident_id();
  evidence.kind = EnumFromProto<EvidenceKind>(from.kind(), kLastEvidenceKind);
  evidence.state = EnumFromProto<EvidenceState>(from.state(), kLastEvidenceState);
  evidence.media_type = from.media_type();
  evidence.size_bytes = from.size_bytes();
  evidence.sha256 = from.sha256();
  evidence.capture_time = TimeFromProto(from.has_capture_time(), from.capture_time());
  evidence.error = from.error();
  return evidence;
}

v1::Evidence ToProto(const Evidence& evidence) {
  v1::Evidence to;
  to.set_evidence_id(evidence.evidence_id);
  to.set_incident_id(evidence.incident_id);
  to.set_kind(EnumToProto<v1::EvidenceKind>(evidence.kind));
  to.set_state(EnumToProto<v1::EvidenceState>(evidence.state));
  to.set_media_type(evidence.media_type);
  to.set_size_bytes(evidence.size_bytes);
  to.set_sha256(evidence.sha256);
  if (evidence.capture_time.has_value()) {
    *to.mutable_capture_time() = ToProto(*evidence.capture_time);
  }
  to.set_error(evidence.error);
  return to;
}

Camera CameraFromProto(const v1::Camera& from, Faults& faults) {
  Camera camera;
  camera.camera_id = from.camera_id();
  camera.store_id = from.store_id();
  camera.name = from.name();
  camera.source_url = from.source_url();
  camera.enabled = from.enabled();
  camera.analysis_fps = from.analysis_fps();
  camera.analysis_size = from.analysis_size();
  camera.show_heads = from.show_heads();
  camera.revision = from.revision();
  camera.loop = from.loop();
  camera.as_fast_as_possible = from.as_fast_as_possible();
  camera.time_zone = from.time_zone();
  auto scene = SceneFromProto(from.zones(), from.rules());
  faults.Add(scene.status());
  if (scene.ok()) camera.scene = *std::move(scene);
  return camera;
}

v1::Camera ToProto(const Camera& camera) {
  v1::Camera to;
  to.set_camera_id(camera.camera_id);
  to.set_store_id(camera.store_id);
  to.set_name(camera.name);
  to.set_source_url(camera.source_url);
  to.set_enabled(camera.enabled);
  to.set_analysis_fps(camera.analysis_fps);
  to.set_analysis_size(camera.analysis_size);
  for (const Zone& zone : camera.scene.zones) *to.add_zones() = ToProto(zone);
  for (const Rule& rule : camera.scene.rules) *to.add_rules() = ToProto(rule);
  to.set_show_heads(camera.show_heads);
  to.set_revision(camera.revision);
  to.set_loop(camera.loop);
  to.set_as_fast_as_possible(camera.as_fast_as_possible);
  to.set_time_zone(camera.time_zone);
  return to;
}

v1::GetCameraResponse ToProto(const CameraWithStatus& from) {
  v1::GetCameraResponse to;
  *to.mutable_camera() = ToProto(from.camera);
  v1::CameraStatus& status = *to.mutable_status();
  status.set_holder(from.status.holder);
  if (from.status.lease_expire_time.has_value()) {
    *status.mutable_lease_expire_time() = ToProto(*from.status.lease_expire_time);
  }
  if (!from.status.pipeline.empty()) ReadJson(from.status.pipeline, *status.mutable_pipeline());
  if (!from.camera.source_fault.empty()) {
    status.mutable_pipeline()->set_source_state(v1::SOURCE_STATE_OFFLINE);
    status.mutable_pipeline()->set_source_error(from.camera.source_fault);
  }
  if (from.status.report_time.has_value()) {
    *status.mutable_report_time() = ToProto(*from.status.report_time);
  }
  return to;
}

absl::StatusOr<LeaseRequest> LeaseRequestFromProto(const v1::SyncLeasesRequest& from) {
  LeaseRequest request;
  request.holder = from.holder();
  request.duration = from.has_lease_duration() ? FromProto(from.lease_duration()) : kDefaultLease;
  request.max_cameras = from.max_cameras();
  request.release_camera_ids.assign(from.release_camera_ids().begin(),
                                    from.release_camera_ids().end());
  for (const v1::PipelineStatus& pipeline : from.pipelines()) {
    AW_ASSIGN_OR_RETURN(std::string json, WriteJson(pipeline, "pipelines"));
    request.reports.push_back({pipeline.identity().camera_id(), std::move(json)});
  }
  return request;
}

v1::SyncLeasesResponse ToProto(const LeaseGrant& grant) {
  v1::SyncLeasesResponse to;
  to.set_hold(grant.hold);
  if (grant.hold) return to;
  for (const Camera& camera : grant.cameras) *to.add_cameras() = ToProto(camera);
  *to.mutable_expire_time() = ToProto(grant.expire_time);
  to.set_unleased_cameras(grant.unleased_cameras);
  for (const std::string& id : grant.ended_camera_ids) to.add_ended_camera_ids(id);
  return to;
}

}  // namespace aislewatch::events
