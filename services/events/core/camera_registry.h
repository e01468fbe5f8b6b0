// Cameras and leases: what CameraRegistryService does, without the network.
//
// Thread-safe; every method blocks on the stores. Answers carry source URLs with their passwords
// masked, except those of SyncLeases.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/events/core/camera.h"
#include "services/events/core/faults.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// A page of cameras, by id.
struct CameraPage {
  std::vector<CameraWithStatus> cameras;
  std::string next_page_token;  // Empty on the last page.
};

class CameraRegistry {
 public:
  static constexpr uint32_t kDefaultPageSize = 100;
  static constexpr uint32_t kMaxPageSize = 500;

  /// The stores must outlive the registry.
  CameraRegistry(CameraStore& cameras, LeaseStore& leases) : cameras_(cameras), leases_(leases) {}

  /// `faults`: what was found wrong while the camera was read; listed with everything else.
  absl::StatusOr<Camera> Create(Camera camera, Faults faults = {});
  /// Revision 0 skips the check for changes in between. A URL that is the stored one with its
  /// password masked keeps that password.
  absl::StatusOr<Camera> Update(Camera camera, Faults faults = {});
  absl::Status Delete(const std::string& camera_id);
  absl::StatusOr<CameraWithStatus> Get(const std::string& camera_id);
  /// `page_size` 0 means the default.
  absl::StatusOr<CameraPage> List(const std::vector<std::string>& store_ids, uint32_t page_size,
                                  const std::string& page_token);
  /// Without the database everybody is told to hold what they have.
  absl::StatusOr<LeaseGrant> SyncLeases(const LeaseRequest& request);

 private:
  CameraStore& cameras_;
  LeaseStore& leases_;
};

}  // namespace aislewatch::events
