// The cameras of `aislewatch up --config FILE`.
//
//   store_id: corner-shop
//   cameras:
//     - camera_id: aisle-1
//       source_url: rtsp://user:password@192.0.2.7/stream
//       analysis_fps: 10
//       zones: [...]     # docs/rules.md
//       rules: [...]
//
// The fields are those of aislewatch.v1.Camera. A source without a scheme is a path, taken relative
// to the file.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aislewatch/v1/cameras.pb.h"

namespace aislewatch {

/// INVALID_ARGUMENT lists every fault with its line.
absl::StatusOr<std::vector<v1::Camera>> ReadClusterConfig(const std::string& path);

/// Cameras of `up --camera SOURCE...`: camera-1, camera-2, ... with the defaults of the file above;
/// video files are played for ever. INVALID_ARGUMENT where an address is wrong, NOT_FOUND where
/// there is no such file.
absl::StatusOr<std::vector<v1::Camera>> CamerasOfSources(const std::vector<std::string>& sources);

}  // namespace aislewatch
