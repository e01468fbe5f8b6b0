// Loads a RetinaNet from a model repository. Free of LibTorch.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/roles/object_detector.h"

namespace aislewatch {

/// The architecture's name in manifests.
inline constexpr char kRetinaNetArchitecture[] = "retinanet";

/// The one that is trained on simulated scenes: it has seen drawn weapons only, and nothing runs it
/// unless told to.
inline constexpr char kDefaultObjectModel[] = "retinanet-weapons";

/// Loads `name` in `version`, or in its newest one where `version` is empty. Blocks for the disk.
/// `threads` >= 1: threads of one inference, set on whatever thread calls the model.
/// NOT_FOUND, INVALID_ARGUMENT or DATA_LOSS name the file and what is wrong with it, among that a
/// model of another role or architecture.
absl::StatusOr<std::unique_ptr<ObjectDetector>> LoadObjectDetector(
    const ModelRepository& repository, absl::string_view name, absl::string_view version = "",
    int threads = 1);

}  // namespace aislewatch
