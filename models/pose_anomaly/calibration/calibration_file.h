// A camera's calibration on disk: FOLDER/CAMERA.json,
//
//   {"format": "aislewatch.calibration.v1", "camera_id": "aisle-3",
//    "model": {"name": "posture", "version": "1"}, "poses": 12345, "quantiles": [...]}
//
// Stateless and thread-safe; the calls block for the disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "models/pose_anomaly/calibration/calibration.h"

namespace aislewatch::pose_anomaly {

/// Makes the folder where it is missing. INVALID_ARGUMENT where the camera's id is no file name.
absl::Status SaveCalibration(const CameraCalibration& calibration, const std::string& folder);

/// NOT_FOUND where the camera has none; INVALID_ARGUMENT or DATA_LOSS, with the path, where the file is
/// no calibration of this camera.
absl::StatusOr<CameraCalibration> LoadCalibration(const std::string& folder,
                                                  const std::string& camera_id);

}  // namespace aislewatch::pose_anomaly
