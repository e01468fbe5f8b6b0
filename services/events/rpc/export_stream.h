// One ExportIncident call. The archive is made on the workers, a piece at a time: the next when the
// last has been written, so that a slow reader costs no memory. Owns itself until OnDone.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <string>

#include "aislewatch/v1/events.pb.h"
#include "common/concurrency/thread_pool.h"
#include "services/events/core/export/incident_export.h"
#include "services/events/core/scoped_stores.h"
#include "services/events/rpc/access_gate.h"
#include "services/events/rpc/evidence_streams.h"

namespace aislewatch::events {

/// The exporter's documents in protobuf's own JSON mapping.
absl::StatusOr<std::string> HistoryToJson(const IncidentHistory& history);
absl::StatusOr<std::string> EvidenceToJson(const std::vector<Evidence>& evidence);

class ExportStream final : public grpc::ServerWriteReactor<v1::ExportIncidentResponse> {
 public:
  /// Begins at once, with asking `entry`. `exporter` may be null: nothing can be exported. What is
  /// passed outlives the stream.
  ExportStream(AccessGate::Entry entry, IncidentExporter* exporter, EvidenceStore& evidence,
               EventStore& events, ThreadPool& workers, std::string incident_id,
               StreamBegin on_begin, StreamEnd on_end);

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  void Begin();
  absl::Status Open(const Principal& principal);
  void Send();
  void End(const absl::Status& status);

  const AccessGate::Entry entry_;
  IncidentExporter* const exporter_;
  EvidenceStore& evidence_;
  EventStore& events_;
  ThreadPool& workers_;
  const std::string incident_id_;
  const StreamBegin on_begin_;
  const StreamEnd on_end_;
  std::optional<ScopedEventStore> scoped_events_;  // Once the call was let in.
  std::optional<ScopedEvidenceStore> scoped_evidence_;
  std::unique_ptr<IncidentExport> export_;
  std::string bytes_;  // Of the archive, not yet written from sent_ on.
  size_t sent_ = 0;
  v1::ExportIncidentResponse response_;
};

}  // namespace aislewatch::events
