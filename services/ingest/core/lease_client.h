// The camera registry as ingest sees it. adapters/grpc_leases.h talks to the service;
// testing/fake_lease_client.h has one for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ingest/core/camera_settings.h"
#include "services/ingest/core/leased_camera.h"

namespace aislewatch::ingest {

struct LeaseRequest {
  std::string holder;
  absl::Duration duration;
  uint32_t max_cameras = 0;
  /// To be given back now.
  std::vector<std::string> release;
  std::vector<PipelineReport> reports;
};

struct LeaseAnswer {
  /// What the replica is to run until the leases expire.
  std::vector<CameraSettings> cameras;
  /// Enabled cameras that nobody runs.
  uint32_t unleased = 0;
  /// Of the cameras reported, those that nobody goes on with.
  std::vector<std::string> ended = {};
  /// The registry's database is away: go on with what runs, whatever the rest says.
  bool hold = false;
};

class LeaseClient {
 public:
  virtual ~LeaseClient() = default;
  /// Takes, renews and gives back. Blocks for at most `timeout`. Called by one thread at a time.
  virtual absl::StatusOr<LeaseAnswer> Sync(const LeaseRequest& request, absl::Duration timeout) = 0;
  /// A camera's settings; NOT_FOUND where the registry does not know it. Blocks; thread-safe.
  virtual absl::StatusOr<CameraSettings> Find(const std::string& camera_id,
                                              absl::Duration timeout) = 0;
};

}  // namespace aislewatch::ingest
