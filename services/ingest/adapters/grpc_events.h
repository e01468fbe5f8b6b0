// Event storage and the camera registry over gRPC.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <grpcpp/channel.h>

#include "aislewatch/v1/attention.grpc.pb.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "services/ingest/core/event_sink.h"
#include "services/ingest/core/lease_client.h"

namespace aislewatch::ingest {

/// Thread-safe. Calls block until the answer or their timeout.
class GrpcEventSink : public EventSink {
 public:
  explicit GrpcEventSink(const std::shared_ptr<grpc::Channel>& channel);

  absl::Status Record(absl::Span<const OutboxItem> transitions) override;
  absl::Status Upload(const OutboxItem& evidence) override;
  absl::Status RecordVisits(absl::Span<const OutboxItem> visits) override;
  absl::StatusOr<std::vector<OpenIncident>> ListOpen(absl::string_view camera_id) override;

 private:
  // Where an upload that broke off goes on; 0 where there is none, or nobody knows.
  uint64_t StoredBytes(const v1::Evidence& evidence);

  const std::unique_ptr<v1::EventStorageService::Stub> stub_;
  const std::unique_ptr<v1::AttentionService::Stub> attention_;
};

/// Thread-safe. Calls block until the answer or their timeout.
class GrpcLeaseClient : public LeaseClient {
 public:
  explicit GrpcLeaseClient(const std::shared_ptr<grpc::Channel>& channel);

  absl::StatusOr<LeaseAnswer> Sync(const LeaseRequest& request, absl::Duration timeout) override;
  absl::StatusOr<CameraSettings> Find(const std::string& camera_id,
                                      absl::Duration timeout) override;

 private:
  const std::unique_ptr<v1::CameraRegistryService::Stub> stub_;
};

}  // namespace aislewatch::ingest
