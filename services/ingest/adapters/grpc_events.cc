#include "services/ingest/adapters/grpc_events.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/ingest/adapters/proto_convert.h"

namespace aislewatch::ingest {
namespace {

constexpr absl::Duration kRecordTimeout = absl::Seconds(10);
// For bytes, more: a clip may be sent over a slow line.
constexpr absl::Duration kUploadTimeout = absl::Seconds(30);
constexpr double kSlowestBytesPerSecond = 64 * 1024;
constexpr absl::Duration kListTimeout = absl::Seconds(5);
constexpr size_t kChunk = 512 * 1024;

void SetTimeout(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(std::chrono::system_clock::now() +
                       absl::ToChronoMilliseconds(std::max(timeout, absl::Milliseconds(1))));
}

const char* MediaType(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::kClip:
      return "video/mp4";
    case EvidenceKind::kScoreCurve:
      return "application/json";
    case EvidenceKind::kSnapshot:
    case EvidenceKind::kSnapshotOverlay:
      break;
  }
  return "image/jpeg";
}

v1::Evidence Describe(const OutboxItem& item) {
  v1::Evidence evidence;
  evidence.set_evidence_id(item.evidence_id);
  evidence.set_incident_id(item.incident_id);
  evidence.set_kind(static_cast<v1::EvidenceKind>(item.evidence_kind));
  evidence.set_media_type(MediaType(item.evidence_kind));
  evidence.set_state(v1::EVIDENCE_STATE_PENDING);
  if (item.evidence_state == EvidenceState::kReady) {
    evidence.set_size_bytes(item.body.size());
    evidence.set_sha256(Sha256Hex(item.body));
  } else if (item.evidence_state == EvidenceState::kFailed) {
    evidence.set_state(v1::EVIDENCE_STATE_FAILED);
    evidence.set_error(item.body);
  }
  *evidence.mutable_capture_time() = aislewatch::ToProto(item.capture_time);
  return evidence;
}

}  // namespace

GrpcEventSink::GrpcEventSink(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(v1::EventStorageService::NewStub(channel)),
      attention_(v1::AttentionService::NewStub(channel)) {}

absl::Status GrpcEventSink::Record(absl::Span<const OutboxItem> transitions) {
  v1::RecordTransitionsRequest request;
  for (const OutboxItem& item : transitions) {
    if (!request.add_transitions()->ParseFromString(item.body)) {
      return absl::InvalidArgumentError(absl::StrCat("transition ", item.number, " of incident ",
                                                     item.incident_id, " cannot be parsed"));
    }
  }
  grpc::ClientContext context;
  SetTimeout(context, kRecordTimeout);
  v1::RecordTransitionsResponse response;
  return FromGrpc(stub_->RecordTransitions(&context, request, &response));
}

absl::Status GrpcEventSink::RecordVisits(absl::Span<const OutboxItem> visits) {
  v1::RecordVisitsRequest request;
  for (const OutboxItem& item : visits) {
    if (!request.add_visits()->ParseFromString(item.body)) {
      return absl::InvalidArgumentError(
          absl::StrCat("visit ", item.evidence_id, " cannot be parsed"));
    }
  }
  grpc::ClientContext context;
  SetTimeout(context, kRecordTimeout);
  v1::RecordVisitsResponse response;
  return FromGrpc(attention_->RecordVisits(&context, request, &response));
}

uint64_t GrpcEventSink::StoredBytes(const v1::Evidence& evidence) {
  // Small ones are sent in one message or two.
  if (evidence.size_bytes() <= 2 * kChunk) return 0;
  v1::GetUploadRequest request;
  request.set_evidence_id(evidence.evidence_id());
  request.set_sha256(evidence.sha256());
  grpc::ClientContext context;
  SetTimeout(context, kListTimeout);
  v1::GetUploadResponse response;
  if (!stub_->GetUpload(&context, request, &response).ok()) return 0;
  return std::min(response.stored_bytes(), evidence.size_bytes());
}

absl::Status GrpcEventSink::Upload(const OutboxItem& item) {
  const bool has_bytes = item.evidence_state == EvidenceState::kReady;
  const size_t size = has_bytes ? item.body.size() : 0;
  const v1::Evidence description = Describe(item);
  const uint64_t offset = StoredBytes(description);
  grpc::ClientContext context;
  SetTimeout(context, kUploadTimeout + absl::Seconds(size / kSlowestBytesPerSecond));
  v1::UploadEvidenceResponse response;
  const auto writer = stub_->UploadEvidence(&context, &response);
  v1::UploadEvidenceRequest request;
  *request.mutable_evidence() = description;
  request.set_offset(offset);
  bool open = writer->Write(request);
  request.set_offset(0);
  for (size_t at = offset; open && at < size; at += kChunk) {
    request.set_chunk(item.body.substr(at, kChunk));
    open = writer->Write(request);
  }
  // A refused write is explained by the status.
  writer->WritesDone();
  return FromGrpc(writer->Finish());
}

absl::StatusOr<std::vector<OpenIncident>> GrpcEventSink::ListOpen(absl::string_view camera_id) {
  v1::ListIncidentsRequest request;
  request.mutable_filter()->add_camera_ids(std::string(camera_id));
  request.mutable_filter()->set_state(v1::INCIDENT_STATE_OPEN);
  request.set_page_size(500);
  std::vector<OpenIncident> open;
  do {
    grpc::ClientContext context;
    SetTimeout(context, kListTimeout);
    v1::ListIncidentsResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(stub_->ListIncidents(&context, request, &response)));
    for (v1::Incident& incident : *response.mutable_incidents()) {
      v1::IncidentTransition transition;
      transition.set_number(incident.transition_number());
      OpenIncident found{incident.incident_id(), incident.transition_number(), ""};
      *transition.mutable_incident() = std::move(incident);
      found.message = transition.SerializeAsString();
      open.push_back(std::move(found));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return open;
}

GrpcLeaseClient::GrpcLeaseClient(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(v1::CameraRegistryService::NewStub(channel)) {}

absl::StatusOr<LeaseAnswer> GrpcLeaseClient::Sync(const LeaseRequest& request,
                                                  absl::Duration timeout) {
  v1::SyncLeasesRequest message;
  message.set_holder(request.holder);
  *message.mutable_lease_duration() = aislewatch::ToProto(request.duration);
  message.set_max_cameras(request.max_cameras);
  for (const std::string& id : request.release) message.add_release_camera_ids(id);
  for (const PipelineReport& report : request.reports) {
    *message.add_pipelines() = ingest::ToProto(report);
  }
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  v1::SyncLeasesResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub_->SyncLeases(&context, message, &response)));
  LeaseAnswer answer;
  answer.hold = response.hold();
  answer.unleased = response.unleased_cameras();
  answer.ended.assign(response.ended_camera_ids().begin(), response.ended_camera_ids().end());
  for (const v1::Camera& camera : response.cameras()) {
    answer.cameras.push_back(ingest::FromProto(camera));
  }
  return answer;
}

absl::StatusOr<CameraSettings> GrpcLeaseClient::Find(const std::string& camera_id,
                                                     absl::Duration timeout) {
  v1::GetCameraRequest request;
  request.set_camera_id(camera_id);
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  v1::GetCameraResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub_->GetCamera(&context, request, &response)));
  return ingest::FromProto(response.camera());
}

}  // namespace aislewatch::ingest
