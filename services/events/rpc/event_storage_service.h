// EventStorageService over gRPC: converts, calls core, converts back.
//
// Thread-safe. Nothing blocks on gRPC's threads. What is passed must outlive the gRPC server.
#pragma once

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "common/base/metrics.h"
#include "services/events/core/change_signal.h"
#include "services/events/core/export/incident_export.h"
#include "services/events/core/stores.h"
#include "services/events/rpc/blocking_calls.h"
#include "services/events/rpc/evidence_streams.h"
#include "services/events/rpc/watch_stream.h"

namespace aislewatch::events {

class EventStorageRpc final : public v1::EventStorageService::CallbackService {
 public:
  /// `max_watchers`: more are refused with RESOURCE_EXHAUSTED.
  EventStorageRpc(EventStore& events, EvidenceStore& evidence, ChangeSignal& signal,
                  BlockingCalls& calls, Metrics& metrics, size_t max_watchers = 1000);

  /// Lets incidents be exported; before the server starts. `exporter` outlives it.
  void EnableExports(IncidentExporter& exporter) { exporter_ = &exporter; }

  /// Ends the watches, so that their clients go on with another replica; refuses new ones.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::ServerUnaryReactor* RecordTransitions(grpc::CallbackServerContext* context,
                                              const v1::RecordTransitionsRequest* request,
                                              v1::RecordTransitionsResponse* response) override;
  grpc::ServerUnaryReactor* GetIncident(grpc::CallbackServerContext* context,
                                        const v1::GetIncidentRequest* request,
                                        v1::GetIncidentResponse* response) override;
  grpc::ServerUnaryReactor* ListIncidents(grpc::CallbackServerContext* context,
                                          const v1::ListIncidentsRequest* request,
                                          v1::ListIncidentsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchIncidentsResponse>* WatchIncidents(
      grpc::CallbackServerContext* context, const v1::WatchIncidentsRequest* request) override;
  grpc::ServerUnaryReactor* ReviewIncident(grpc::CallbackServerContext* context,
                                           const v1::ReviewIncidentRequest* request,
                                           v1::ReviewIncidentResponse* response) override;
  grpc::ServerUnaryReactor* SetIncidentHold(grpc::CallbackServerContext* context,
                                            const v1::SetIncidentHoldRequest* request,
                                            v1::SetIncidentHoldResponse* response) override;
  grpc::ServerWriteReactor<v1::ExportIncidentResponse>* ExportIncident(
      grpc::CallbackServerContext* context, const v1::ExportIncidentRequest* request) override;
  grpc::ServerReadReactor<v1::UploadEvidenceRequest>* UploadEvidence(
      grpc::CallbackServerContext* context, v1::UploadEvidenceResponse* response) override;
  grpc::ServerUnaryReactor* GetUpload(grpc::CallbackServerContext* context,
                                      const v1::GetUploadRequest* request,
                                      v1::GetUploadResponse* response) override;
  grpc::ServerWriteReactor<v1::DownloadEvidenceResponse>* DownloadEvidence(
      grpc::CallbackServerContext* context, const v1::DownloadEvidenceRequest* request) override;
  grpc::ServerUnaryReactor* ListEvidence(grpc::CallbackServerContext* context,
                                         const v1::ListEvidenceRequest* request,
                                         v1::ListEvidenceResponse* response) override;

 private:
  // Notes in the audit log who began a stream.
  StreamBegin Noting(const grpc::CallbackServerContext& context, const char* method,
                     std::string target);
  absl::Status Admit(WatchStream* stream) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(WatchStream* stream, absl::StatusCode code) ABSL_LOCKS_EXCLUDED(mutex_);

  EventStore& events_;
  EvidenceStore& evidence_;
  ChangeSignal& signal_;
  BlockingCalls& calls_;
  Gauge& watchers_gauge_;
  const size_t max_watchers_;
  IncidentExporter* exporter_ = nullptr;

  absl::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<WatchStream*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::events
