#include "services/events/rpc/event_storage_service.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/events/core/evidence_upload.h"
#include "services/events/core/incident_log.h"
#include "services/events/core/incident_validation.h"
#include "services/events/core/scoped_stores.h"
#include "services/events/rpc/convert.h"
#include "services/events/rpc/evidence_streams.h"
#include "services/events/rpc/export_stream.h"

namespace aislewatch::events {
namespace {

// Tells a watcher that was not let in why.
class RefusedWatch final : public grpc::ServerWriteReactor<v1::WatchIncidentsResponse> {
 public:
  explicit RefusedWatch(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

EventStorageRpc::EventStorageRpc(EventStore& events, EvidenceStore& evidence, ChangeSignal& signal,
                                 BlockingCalls& calls, Metrics& metrics, size_t max_watchers)
    : events_(events),
      evidence_(evidence),
      signal_(signal),
      calls_(calls),
      watchers_gauge_(metrics.GetGauge("aislewatch_events_watchers", "Open WatchIncidents calls")),
      max_watchers_(max_watchers) {}

void EventStorageRpc::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  // Under the mutex: a stream leaves the set, under it, before it goes.
  for (WatchStream* stream : watchers_) stream->Drain();
}

grpc::ServerUnaryReactor* EventStorageRpc::RecordTransitions(
    grpc::CallbackServerContext* context, const v1::RecordTransitionsRequest* request,
    v1::RecordTransitionsResponse* response) {
  return calls_.Run<v1::RecordTransitionsResponse>(
      context, "RecordTransitions", response,
      [this, request](const Principal& principal) -> absl::StatusOr<v1::RecordTransitionsResponse> {
        std::vector<Transition> transitions;
        for (const v1::IncidentTransition& entry : request->transitions()) {
          auto transition = TransitionFromProto(entry);
          if (!transition.ok()) {
            return Annotate(transition.status(),
                            absl::StrCat("transitions[", transitions.size(), "]"));
          }
          transitions.push_back(*std::move(transition));
        }
        ScopedEventStore events(events_, principal);
        AW_ASSIGN_OR_RETURN(const RecordResult result, IncidentLog(events).Record(transitions));
        v1::RecordTransitionsResponse answer;
        answer.set_recorded(result.recorded);
        answer.set_duplicates(result.duplicates);
        return answer;
      });
}

grpc::ServerUnaryReactor* EventStorageRpc::GetIncident(grpc::CallbackServerContext* context,
                                                       const v1::GetIncidentRequest* request,
                                                       v1::GetIncidentResponse* response) {
  return calls_.Run<v1::GetIncidentResponse>(
      context, "GetIncident", response,
      [this, request](const Principal& principal) -> absl::StatusOr<v1::GetIncidentResponse> {
        ScopedEventStore events(events_, principal);
        AW_ASSIGN_OR_RETURN(const IncidentHistory history,
                            IncidentLog(events).Get(request->incident_id()));
        return ToProto(history);
      });
}

grpc::ServerUnaryReactor* EventStorageRpc::ListIncidents(grpc::CallbackServerContext* context,
                                                         const v1::ListIncidentsRequest* request,
                                                         v1::ListIncidentsResponse* response) {
  return calls_.Run<v1::ListIncidentsResponse>(
      context, "ListIncidents", response,
      [this, request](const Principal& principal) -> absl::StatusOr<v1::ListIncidentsResponse> {
        ScopedEventStore events(events_, principal);
        AW_ASSIGN_OR_RETURN(IncidentPage page,
                            IncidentLog(events).List(FilterFromProto(request->filter()),
                                                     request->page_size(), request->page_token()));
        v1::ListIncidentsResponse answer;
        for (const Incident& incident : page.incidents) {
          *answer.add_incidents() = ToProto(incident);
        }
        answer.set_next_page_token(std::move(page.next_page_token));
        return answer;
      });
}

grpc::ServerUnaryReactor* EventStorageRpc::ReviewIncident(grpc::CallbackServerContext* context,
                                                          const v1::ReviewIncidentRequest* request,
                                                          v1::ReviewIncidentResponse* response) {
  return calls_.RunNoted<v1::ReviewIncidentResponse>(
      context, "ReviewIncident", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("incident ", request->incident_id()), {}};
      },
      [this, request](const Principal& principal) -> absl::StatusOr<v1::ReviewIncidentResponse> {
        ScopedEventStore events(events_, principal);
        Review given = ReviewFromProto(*request);
        if (!principal.installation) given.reviewer = principal.name;
        AW_ASSIGN_OR_RETURN(const Review review, IncidentLog(events).AddReview(std::move(given)));
        v1::ReviewIncidentResponse answer;
        *answer.mutable_review() = ToProto(review);
        return answer;
      });
}

grpc::ServerUnaryReactor* EventStorageRpc::SetIncidentHold(
    grpc::CallbackServerContext* context, const v1::SetIncidentHoldRequest* request,
    v1::SetIncidentHoldResponse* response) {
  return calls_.RunNoted<v1::SetIncidentHoldResponse>(
      context, "SetIncidentHold", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("incident ", request->incident_id()), {}};
      },
      [this, request](const Principal& principal) -> absl::StatusOr<v1::SetIncidentHoldResponse> {
        ScopedEventStore events(events_, principal);
        AW_ASSIGN_OR_RETURN(const Incident incident,
                            IncidentLog(events).SetHold(request->incident_id(), request->hold()));
        v1::SetIncidentHoldResponse answer;
        *answer.mutable_incident() = ToProto(incident);
        return answer;
      });
}

grpc::ServerUnaryReactor* EventStorageRpc::ListEvidence(grpc::CallbackServerContext* context,
                                                        const v1::ListEvidenceRequest* request,
                                                        v1::ListEvidenceResponse* response) {
  return calls_.Run<v1::ListEvidenceResponse>(
      context, "ListEvidence", response,
      [this, request](const Principal& principal) -> absl::StatusOr<v1::ListEvidenceResponse> {
        AW_RETURN_IF_ERROR(CheckUuid(request->incident_id(), "incident_id"));
        ScopedEvidenceStore evidence_store(evidence_, events_, principal);
        AW_ASSIGN_OR_RETURN(const auto list, evidence_store.ListEvidence(request->incident_id()));
        v1::ListEvidenceResponse answer;
        for (const Evidence& evidence : list) *answer.add_evidence() = ToProto(evidence);
        return answer;
      });
}

grpc::ServerWriteReactor<v1::WatchIncidentsResponse>* EventStorageRpc::WatchIncidents(
    grpc::CallbackServerContext* context, const v1::WatchIncidentsRequest* request) {
  auto* stream =
      new WatchStream(events_, FilterFromProto(request->filter()), request->cursor(),
                      calls_.gate().Enter(*context, "WatchIncidents"), signal_, calls_.pool(),
                      [this](WatchStream* ended, absl::StatusCode code) { Forget(ended, code); });
  const absl::Status status = Admit(stream);
  if (status.ok()) {
    stream->Start();
    return stream;
  }
  delete stream;  // gRPC has not seen it.
  calls_.Count("WatchIncidents", status.code());
  return new RefusedWatch(status);
}

absl::Status EventStorageRpc::Admit(WatchStream* stream) {
  absl::MutexLock lock(&mutex_);
  if (draining_) {
    return absl::UnavailableError("this replica is shutting down; watch again at another");
  }
  if (watchers_.size() >= max_watchers_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("this replica has ", max_watchers_, " watchers already; try another"));
  }
  watchers_.insert(stream);
  watchers_gauge_.Set(static_cast<double>(watchers_.size()));
  return absl::OkStatus();
}

void EventStorageRpc::Forget(WatchStream* stream, absl::StatusCode code) {
  calls_.Count("WatchIncidents", code);
  absl::MutexLock lock(&mutex_);
  watchers_.erase(stream);
  watchers_gauge_.Set(static_cast<double>(watchers_.size()));
}

grpc::ServerReadReactor<v1::UploadEvidenceRequest>* EventStorageRpc::UploadEvidence(
    grpc::CallbackServerContext* context, v1::UploadEvidenceResponse* response) {
  return new UploadStream(calls_.gate().Enter(*context, "UploadEvidence"), evidence_, events_,
                          calls_.pool(), response,
                          [this](absl::StatusCode code) { calls_.Count("UploadEvidence", code); });
}

grpc::ServerUnaryReactor* EventStorageRpc::GetUpload(grpc::CallbackServerContext* context,
                                                     const v1::GetUploadRequest* request,
                                                     v1::GetUploadResponse* response) {
  return calls_.Run<v1::GetUploadResponse>(
      context, "GetUpload", response,
      [this, request](const Principal&) -> absl::StatusOr<v1::GetUploadResponse> {
        v1::GetUploadResponse answer;
        AW_ASSIGN_OR_RETURN(const uint64_t bytes,
                            FindUpload(evidence_, request->evidence_id(), request->sha256()));
        answer.set_stored_bytes(bytes);
        return answer;
      });
}

StreamBegin EventStorageRpc::Noting(const grpc::CallbackServerContext& context, const char* method,
                                    std::string target) {
  // The context lives as long as the stream.
  return [this, &context, method, target = std::move(target)](
             const absl::StatusOr<Principal>& principal, absl::StatusCode code) {
    calls_.Note(context, method, principal, {target, {}}, code);
  };
}

grpc::ServerWriteReactor<v1::DownloadEvidenceResponse>* EventStorageRpc::DownloadEvidence(
    grpc::CallbackServerContext* context, const v1::DownloadEvidenceRequest* request) {
  return new DownloadStream(
      calls_.gate().Enter(*context, "DownloadEvidence"), evidence_, events_, calls_.pool(),
      request->evidence_id(), request->offset(),
      Noting(*context, "DownloadEvidence", absl::StrCat("evidence ", request->evidence_id())),
      [this](absl::StatusCode code) { calls_.Count("DownloadEvidence", code); });
}

grpc::ServerWriteReactor<v1::ExportIncidentResponse>* EventStorageRpc::ExportIncident(
    grpc::CallbackServerContext* context, const v1::ExportIncidentRequest* request) {
  return new ExportStream(
      calls_.gate().Enter(*context, "ExportIncident"), exporter_, evidence_, events_, calls_.pool(),
      request->incident_id(),
      Noting(*context, "ExportIncident", absl::StrCat("incident ", request->incident_id())),
      [this](absl::StatusCode code) { calls_.Count("ExportIncident", code); });
}

}  // namespace aislewatch::events
