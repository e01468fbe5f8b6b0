// One UploadEvidence or DownloadEvidence call each. Bytes are read and written on the workers, one
// message at a time: the next is asked for when the last has been dealt with. They own themselves
// until OnDone.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aislewatch/v1/events.pb.h"
#include "common/concurrency/thread_pool.h"
#include "services/events/core/evidence_upload.h"
#include "services/events/core/scoped_stores.h"
#include "services/events/core/stores.h"
#include "services/events/rpc/access_gate.h"

namespace aislewatch::events {

/// Told how a stream ended.
using StreamEnd = std::function<void(absl::StatusCode)>;
/// Told on a worker who began a stream, or tried and why not, before anything is sent.
using StreamBegin = std::function<void(const absl::StatusOr<Principal>&, absl::StatusCode)>;

class UploadStream final : public grpc::ServerReadReactor<v1::UploadEvidenceRequest> {
 public:
  /// Begins at once, with asking `entry`. Everything passed outlives the stream.
  UploadStream(AccessGate::Entry entry, EvidenceStore& store, EventStore& events,
               ThreadPool& workers, v1::UploadEvidenceResponse* response, StreamEnd on_end);

  void OnReadDone(bool ok) override;
  void OnDone() override;

 private:
  // Lets the call in, once.
  absl::Status Enter();
  void Take();
  void Complete();
  absl::Status TakeMessage();
  void End(absl::StatusOr<Evidence> result);

  const AccessGate::Entry entry_;
  EvidenceStore& store_;
  EventStore& events_;
  ThreadPool& workers_;
  v1::UploadEvidenceResponse* const response_;
  const StreamEnd on_end_;
  std::optional<ScopedEvidenceStore> scoped_;  // Once the call was let in, as upload_.
  std::optional<EvidenceUpload> upload_;
  v1::UploadEvidenceRequest request_;
};

class DownloadStream final : public grpc::ServerWriteReactor<v1::DownloadEvidenceResponse> {
 public:
  /// Begins at once, with asking `entry`. Everything passed outlives the stream.
  DownloadStream(AccessGate::Entry entry, EvidenceStore& store, EventStore& events,
                 ThreadPool& workers, std::string evidence_id, uint64_t offset,
                 StreamBegin on_begin, StreamEnd on_end);

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  void Describe();
  absl::Status Open(const Principal& principal);
  void SendChunk();
  void End(const absl::Status& status);

  const AccessGate::Entry entry_;
  EvidenceStore& store_;
  EventStore& events_;
  ThreadPool& workers_;
  const std::string evidence_id_;
  const StreamBegin on_begin_;
  const StreamEnd on_end_;
  std::optional<ScopedEvidenceStore> scoped_;  // Once the call was let in.
  uint64_t offset_;
  uint64_t size_ = 0;
  v1::DownloadEvidenceResponse response_;
};

}  // namespace aislewatch::events
