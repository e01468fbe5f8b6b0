// Samples on disk, so that a run can be repeated without finding everybody again.
//
// Stateless and thread-safe; calls block for the disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "models/clip_training/sample.h"

namespace aislewatch::clip_training {

/// Writes a view as a safetensors file; the folder is made where it is missing. UNAVAILABLE names
/// the path that cannot be written.
absl::Status WriteView(const std::string& path, const SampleView& view);

/// What WriteView wrote. DATA_LOSS or INVALID_ARGUMENT where the file is something else.
absl::StatusOr<SampleView> ReadView(const std::string& path);

}  // namespace aislewatch::clip_training
