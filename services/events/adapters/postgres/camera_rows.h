// Inside of the camera and lease stores: how cameras become SQL and back. Pure functions;
// thread-safe.
#pragma once

#include <string>

#include "services/events/adapters/postgres/sql.h"
#include "services/events/core/camera.h"

namespace aislewatch::events {

/// Zones and rules as JSON arrays for jsonb_to_recordset.
std::string ZonesToJson(const Scene& scene);
std::string RulesToJson(const Scene& scene);

/// Columns of a whole camera with zones and rules; expects `cameras c`.
std::string CameraColumns();
inline constexpr int kCameraColumns = 12;
Camera ReadCamera(const pqxx::row& row);

/// Columns of how a camera is, after those of the camera; expects `camera_leases l`.
std::string StatusColumns();
CameraStatus ReadStatus(const pqxx::row& row);

}  // namespace aislewatch::events
