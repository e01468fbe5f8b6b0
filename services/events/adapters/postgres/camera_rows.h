// Inside of the camera and lease stores: how cameras become SQL and back. Pure functions;
// thread-safe.
#pragma once

#include <string>

#include "services/events/adapters/postgres/sql.h"
#include "services/events/adapters/postgres/stored_secret.h"
#include "services/events/core/camera.h"
#include "services/events/core/secret_box.h"

namespace aislewatch::events {

/// Zones and rules as JSON arrays for jsonb_to_recordset.
std::string ZonesToJson(const Scene& scene);
std::string RulesToJson(const Scene& scene);

/// Columns of a whole camera with zones and rules; expects `cameras c`.
std::string CameraColumns();
inline constexpr int kCameraColumns = 14;
/// Opens the source's secret, where it has one, with `secrets`, which may be null; source_fault
/// says why it cannot.
Camera ReadCamera(const pqxx::row& row, const SecretBox* secrets);

/// How a source URL is stored: clear is masked where there is a secret; sealed, the whole URL, is
/// empty where the URL has no password or there is no key.
absl::StatusOr<StoredSecret> SealSource(const std::string& camera_id, const std::string& url,
                                        const SecretBox* secrets);
/// The URL of what is stored. FAILED_PRECONDITION or DATA_LOSS where its secret cannot be opened.
absl::StatusOr<std::string> OpenSource(const std::string& camera_id, const StoredSecret& source,
                                       const SecretBox* secrets);

/// Columns of how a camera is, after those of the camera; expects `camera_leases l`.
std::string StatusColumns();
CameraStatus ReadStatus(const pqxx::row& row);

}  // namespace aislewatch::events
