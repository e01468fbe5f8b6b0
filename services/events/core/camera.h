// Cameras, and who runs them. Zones and rules are those of common/scene. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/scene/scene.h"

namespace aislewatch::events {

/// A camera and how it is to be analysed.
struct Camera {
  std::string camera_id;
  std::string store_id;
  std::string name;
  std::string source_url;  // With its password.
  /// Why source_url has a mask in place of its password, for people; else empty.
  std::string source_fault;
  bool enabled = false;
  float analysis_fps = 0;      // 0 means the default.
  uint32_t analysis_size = 0;  // 0 means the default.
  Scene scene;                 // Zones and rules.
  bool show_heads = false;
  uint64_t revision = 0;
  bool loop = false;
  bool as_fast_as_possible = false;
  std::string time_zone;  // Of its store; empty where it is not known.
};

/// How a camera is at present.
struct CameraStatus {
  std::string holder;  // Empty where nobody leases it.
  std::optional<absl::Time> lease_expire_time;
  std::string pipeline;  // What the holder last reported, as JSON; empty where it never did.
  std::optional<absl::Time> report_time;
};

struct CameraWithStatus {
  Camera camera;
  CameraStatus status;
};

/// What a holder reports of a camera that it runs.
struct PipelineReport {
  std::string camera_id;
  std::string pipeline;  // JSON
};

/// What a replica has and wants.
struct LeaseRequest {
  std::string holder;
  absl::Duration duration;
  uint32_t max_cameras = 0;
  std::vector<std::string> release_camera_ids;
  std::vector<PipelineReport> reports;
};

/// What a replica has to run until the leases expire.
struct LeaseGrant {
  std::vector<Camera> cameras;
  absl::Time expire_time;  // By the database's clock.
  uint32_t unleased_cameras = 0;
  /// Of those reported, cameras that are disabled or unknown.
  std::vector<std::string> ended_camera_ids;
  /// The database is away: nobody's leases can change, so the replica goes on with what it runs.
  /// Everything else is empty then.
  bool hold = false;
};

}  // namespace aislewatch::events
