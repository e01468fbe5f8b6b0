// Making our model files from the published MoveNet MultiPose graph.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace aislewatch {

/// Name under which the model repository holds the imported network.
inline constexpr char kMoveNetName[] = "movenet-multipose";

/// Reads the TensorFlow.js graph `graph_json` (its .bin beside it) and writes
/// weights.safetensors and model.json into `output_folder`, which is made where it is missing and
/// whose last part is the version, for example build/models/movenet-multipose/1. Half-precision
/// weights are kept as they are. The result does not depend on when or where it runs.
///
/// INVALID_ARGUMENT lists every convolution that the graph lacks, has in another shape, or has
/// besides those of MoveNet MultiPose Lightning. Blocks for the disk; needs no network.
absl::Status ImportMoveNet(const std::string& graph_json, const std::string& output_folder);

}  // namespace aislewatch
