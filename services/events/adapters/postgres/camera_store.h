// Cameras in PostgreSQL. Thread-safe; blocks; see core/stores.h for the contract.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class PostgresCameraStore : public CameraStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresCameraStore(Pool& pool) : pool_(pool) {}

  absl::StatusOr<Camera> Create(const Camera& camera) override;
  absl::StatusOr<Camera> Update(const Camera& camera, bool check_revision) override;
  absl::Status Delete(const std::string& camera_id) override;
  absl::StatusOr<CameraWithStatus> Get(const std::string& camera_id) override;
  absl::StatusOr<std::vector<CameraWithStatus>> List(const std::vector<std::string>& store_ids,
                                                     const std::vector<std::string>& camera_ids,
                                                     const std::string& after,
                                                     size_t limit) override;

 private:
  Pool& pool_;
};

}  // namespace aislewatch::events
