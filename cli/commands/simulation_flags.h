// Flags of commands that simulate a store.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// "640x360" as a size. INVALID_ARGUMENT names `flag` and says how to write it; sides must be even,
/// as H.264 keeps colour at half the resolution.
absl::StatusOr<FrameSize> ParsePictureSize(const std::string& flag, const std::string& text);

/// What the scenarios are, for --scenario.
std::string ScenarioHelp();

}  // namespace aislewatch
