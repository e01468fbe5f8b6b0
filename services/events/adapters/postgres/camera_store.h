// Cameras in PostgreSQL. Thread-safe; blocks; see core/stores.h for the contract.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/adapters/postgres/stored_secret.h"
#include "services/events/adapters/postgres/time_zones.h"
#include "services/events/core/secret_box.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class PostgresCameraStore : public CameraStore {
 public:
  /// `pool` and `secrets` must outlive the store. `secrets` may be null: then passwords are stored
  /// as they are, and those that are encrypted cannot be read.
  explicit PostgresCameraStore(Pool& pool, const SecretBox* secrets = nullptr)
      : pool_(pool), secrets_(secrets) {}

  absl::StatusOr<Camera> Create(const Camera& camera) override;
  absl::StatusOr<Camera> Update(const Camera& camera, bool check_revision) override;
  absl::Status Delete(const std::string& camera_id) override;
  absl::StatusOr<CameraWithStatus> Get(const std::string& camera_id) override;
  absl::StatusOr<std::vector<CameraWithStatus>> List(const std::vector<std::string>& store_ids,
                                                     const std::vector<std::string>& camera_ids,
                                                     const std::string& after,
                                                     size_t limit) override;

  /// Encrypts the passwords of all cameras that are in clear or encrypted with another than the
  /// first key; logs those that cannot be read. May run at several replicas at once.
  absl::StatusOr<SealCounts> SealPasswords();

 private:
  Pool& pool_;
  const SecretBox* const secrets_;
  TimeZones time_zones_;
};

}  // namespace aislewatch::events
