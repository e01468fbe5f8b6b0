// Calls of the camera registry that several commands make. Each blocks.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aislewatch/v1/cameras.grpc.pb.h"

namespace aislewatch {

/// NOT_FOUND where there is none.
absl::StatusOr<v1::Camera> GetCamera(v1::CameraRegistryService::Stub& stub, const std::string& id);

/// ALREADY_EXISTS where the id is taken.
absl::Status CreateCamera(v1::CameraRegistryService::Stub& stub, const v1::Camera& camera);

/// As it is stored then. A registry's answers mask passwords, and a masked address sent back means
/// "as it was". ABORTED where its revision is old.
absl::StatusOr<v1::Camera> UpdateCamera(v1::CameraRegistryService::Stub& stub,
                                        const v1::Camera& camera);

/// Adds the camera, or replaces the one that has its id. Errors name the camera.
absl::Status PutCamera(v1::CameraRegistryService::Stub& stub, const v1::Camera& camera);

}  // namespace aislewatch
