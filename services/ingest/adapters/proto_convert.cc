#include "services/ingest/adapters/proto_convert.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch::ingest {
namespace {

ClipScore ClipFromProto(const v1::TrackClipScore& score) {
  ClipScore clip;
  clip.track_id = score.track_id();
  clip.frames_seen = score.frames_seen();
  clip.scores.shoplifting = score.shoplifting();
  for (const v1::ActionProbability& action : score.actions()) {
    const int index = action.action() - v1::ACTION_NORMAL;
    if (index >= 0 && index < kActionCount) {
      clip.scores.probability[index] = action.probability();
    }
  }
  return clip;
}

v1::TrackClipScore ToProto(const ClipScore& clip) {
  v1::TrackClipScore score;
  score.set_track_id(clip.track_id);
  score.mutable_status()->set_outcome(v1::OUTCOME_OK);
  score.set_shoplifting(clip.scores.shoplifting);
  score.set_frames_seen(clip.frames_seen);
  for (int i = 0; i < kActionCount; ++i) {
    v1::ActionProbability* action = score.add_actions();
    action->set_action(static_cast<v1::Action>(v1::ACTION_NORMAL + i));
    action->set_probability(clip.scores.probability[i]);
  }
  return score;
}

Transition TransitionFromProto(const v1::IncidentTransition& message) {
  Transition transition;
  const v1::Incident& incident = message.incident();
  transition.incident_id = incident.incident_id();
  transition.number = message.number();
  transition.peak_time = aislewatch::FromProto(incident.peak_time());
  transition.label = absl::AsciiStrToLower(absl::StripPrefix(
      absl::string_view(v1::IncidentKind_Name(incident.kind())), "INCIDENT_KIND_"));
  transition.message = message.SerializeAsString();
  switch (message.kind()) {
    case v1::TRANSITION_KIND_OPENED:
      transition.kind = TransitionKind::kOpened;
      break;
    case v1::TRANSITION_KIND_CLOSED:
      transition.kind = TransitionKind::kClosed;
      break;
    default:
      transition.kind = TransitionKind::kUpdated;
  }
  return transition;
}

TrackRisk RiskFromProto(const v1::TrackRisk& message) {
  TrackRisk risk;
  risk.track_id = message.track_id();
  risk.risk = message.risk();
  risk.message = message.SerializeAsString();
  if (message.has_pose_anomaly()) risk.pose_anomaly = message.pose_anomaly();
  if (message.has_shoplifting()) risk.shoplifting = message.shoplifting();
  for (const v1::RiskPart& part : message.parts()) {
    risk.parts.push_back({part.name(), part.value(), part.contribution()});
  }
  risk.zone_ids.assign(message.zone_ids().begin(), message.zone_ids().end());
  return risk;
}

v1::SourceState ToProto(SourceState state) {
  switch (state) {
    case SourceState::kConnecting:
      return v1::SOURCE_STATE_CONNECTING;
    case SourceState::kOnline:
      return v1::SOURCE_STATE_ONLINE;
    case SourceState::kOffline:
      return v1::SOURCE_STATE_OFFLINE;
    case SourceState::kEnded:
      return v1::SOURCE_STATE_ENDED;
  }
  return v1::SOURCE_STATE_UNSPECIFIED;
}

}  // namespace

absl::Status FromProto(const v1::ItemStatus& status) {
  switch (status.outcome()) {
    case v1::OUTCOME_OK:
      return absl::OkStatus();
    case v1::OUTCOME_EXPIRED:
      return absl::DeadlineExceededError(status.reason());
    case v1::OUTCOME_REJECTED:
      return absl::InvalidArgumentError(status.reason());
    default:
      return absl::InternalError("the stage answered without an outcome");
  }
}

v1::ItemStatus ToProto(const absl::Status& status) {
  v1::ItemStatus item;
  item.set_outcome(status.ok()                        ? v1::OUTCOME_OK
                   : absl::IsDeadlineExceeded(status) ? v1::OUTCOME_EXPIRED
                                                      : v1::OUTCOME_REJECTED);
  item.set_reason(std::string(status.message()));
  return item;
}

ModelInfo FromProto(const v1::ModelVersion& model) { return {model.name(), model.version()}; }

v1::ModelVersion ToProto(const ModelInfo& model) {
  v1::ModelVersion version;
  version.set_name(model.name);
  version.set_version(model.version);
  return version;
}

absl::StatusOr<PoseAnswer> FromProto(const v1::PoseFrame& frame) {
  AW_RETURN_IF_ERROR(FromProto(frame.status()));
  PoseAnswer answer;
  answer.model = FromProto(frame.model());
  for (const v1::TrackedPerson& message : frame.people()) {
    auto person = aislewatch::FromProto(message);
    // Not INVALID_ARGUMENT: that would say that the frame is at fault.
    if (!person.ok()) return absl::InternalError(person.status().message());
    answer.people.push_back(*std::move(person));
  }
  // As they are, for fusion to judge: a thing that is no number must not cost the people.
  for (const v1::DetectedObject& object : frame.objects()) {
    answer.looks.objects.push_back(object.SerializeAsString());
  }
  answer.looks.track_ids.assign(frame.looked_at_track_ids().begin(),
                                frame.looked_at_track_ids().end());
  if (frame.has_object_model()) answer.object_model = FromProto(frame.object_model());
  return answer;
}

ClassifierAnswer FromProto(const v1::ClipScores& scores) {
  ClassifierAnswer answer;
  answer.model = FromProto(scores.model());
  for (const v1::TrackClipScore& score : scores.scores()) {
    if (FromProto(score.status()).ok()) answer.scores.push_back(ClipFromProto(score));
  }
  return answer;
}

FusionAnswer FromProto(const v1::FusionResult& result) {
  FusionAnswer answer;
  answer.model = FromProto(result.model());
  for (const v1::TrackRisk& risk : result.tracks()) {
    answer.risks.push_back(RiskFromProto(risk));
  }
  for (const v1::IncidentTransition& t : result.transitions()) {
    answer.transitions.push_back(TransitionFromProto(t));
  }
  for (const v1::ZoneVisit& visit : result.visits()) {
    answer.visits.push_back({visit.visit_id(), aislewatch::FromProto(visit.end_time()),
                             visit.SerializeAsString()});
  }
  if (result.has_judged()) answer.judged = result.judged().SerializeAsString();
  return answer;
}

v1::ObservedPerson ToProto(const ObservedPerson& person) {
  v1::ObservedPerson message;
  *message.mutable_person() = aislewatch::ToProto(person.person);
  if (person.clip.has_value()) *message.mutable_clip_score() = ToProto(*person.clip);
  return message;
}

v1::Observation ToProto(const Observation& observation) {
  v1::Observation message;
  message.set_sequence(observation.sequence);
  *message.mutable_capture_time() = aislewatch::ToProto(observation.capture_time);
  if (observation.expire_time != absl::InfiniteFuture()) {
    *message.mutable_expire_time() = aislewatch::ToProto(observation.expire_time);
  }
  message.set_frame_width(static_cast<uint32_t>(observation.frame.width));
  message.set_frame_height(static_cast<uint32_t>(observation.frame.height));
  for (const ObservedPerson& person : observation.people) *message.add_people() = ToProto(person);
  for (const std::string& stage : observation.degraded) message.add_degraded(stage);
  for (const ModelInfo& model : observation.models) *message.add_models() = ToProto(model);
  message.set_last(observation.last);
  for (const std::string& object : observation.looks.objects) {
    message.add_objects()->ParseFromString(object);
  }
  for (const uint64_t id : observation.looks.track_ids) message.add_looked_at_track_ids(id);
  return message;
}

v1::FrameVerdict ToProto(const Verdict& verdict) {
  v1::FrameVerdict message;
  message.set_sequence(verdict.frame.sequence);
  *message.mutable_status() = ToProto(verdict.status);
  *message.mutable_capture_time() = aislewatch::ToProto(verdict.frame.capture_time);
  for (const ObservedPerson& person : verdict.people) *message.add_people() = ToProto(person);
  for (const TrackRisk& risk : verdict.risks) {
    message.add_risks()->ParseFromString(risk.message);
  }
  for (const Transition& t : verdict.transitions) {
    message.add_transitions()->ParseFromString(t.message);
  }
  for (const Visit& visit : verdict.visits) message.add_visits()->ParseFromString(visit.message);
  for (const std::string& stage : verdict.degraded) message.add_degraded(stage);
  for (const std::string& object : verdict.looks.objects) {
    message.add_objects()->ParseFromString(object);
  }
  v1::StageTimings& timings = *message.mutable_timings();
  *timings.mutable_capture() = aislewatch::ToProto(verdict.times.capture);
  *timings.mutable_pose() = aislewatch::ToProto(verdict.times.pose);
  *timings.mutable_classifier() = aislewatch::ToProto(verdict.times.classifier);
  *timings.mutable_fusion() = aislewatch::ToProto(verdict.times.fusion);
  *timings.mutable_total() = aislewatch::ToProto(verdict.times.total);
  return message;
}

v1::PipelineStatus ToProto(const PipelineReport& report) {
  v1::PipelineStatus status;
  status.mutable_identity()->set_camera_id(report.camera_id);
  status.mutable_identity()->set_store_id(report.store_id);
  status.set_source_state(ToProto(report.source.state));
  status.set_source_error(report.source.error);
  status.set_frames_decoded(report.source.decoded);
  status.set_frames_analysed(report.counts.analysed);
  for (const auto& [reason, frames] : report.counts.dropped) {
    v1::DropCount* count = status.add_frames_dropped();
    count->set_reason(reason);
    count->set_frames(frames);
  }
  status.set_incidents_opened(report.counts.incidents_opened);
  status.set_outbox_pending(report.outbox_pending);
  for (const std::string& stage : report.degraded) status.add_degraded(stage);
  return status;
}

CameraSettings FromProto(const v1::Camera& camera) {
  CameraSettings settings;
  settings.camera_id = camera.camera_id();
  settings.store_id = camera.store_id();
  settings.source_url = camera.source_url();
  // The registry checks these; a value outside would otherwise end in a division by zero.
  if (camera.analysis_fps() > 0) {
    settings.analysis_fps = std::clamp<double>(camera.analysis_fps(), 0.1, 60);
  }
  if (camera.analysis_size() > 0) {
    settings.analysis_size = static_cast<int>(std::clamp<uint32_t>(camera.analysis_size(), 64,
                                                                   4096));
  }
  settings.blur_heads = !camera.show_heads();
  settings.loop = camera.loop();
  settings.as_fast_as_possible = camera.as_fast_as_possible();
  settings.revision = camera.revision();
  v1::FusionStreamConfig judging;
  *judging.mutable_zones() = camera.zones();
  *judging.mutable_rules() = camera.rules();
  settings.judging = judging.SerializeAsString();
  return settings;
}

}  // namespace aislewatch::ingest
