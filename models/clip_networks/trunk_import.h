// Gives a trunk the weights of an imported MoveNet MultiPose.
#pragma once

#include "absl/status/status.h"
#include "common/inference/safetensors.h"
#include "models/clip_networks/trunk.h"

namespace aislewatch::clip_networks {

/// Copies MoveNet's stem and first blocks, as models/movenet names them, into `trunk`.
/// INVALID_ARGUMENT names the tensor that is missing or of another shape.
absl::Status ImportTrunk(const SafetensorsFile& movenet, Trunk& trunk);

}  // namespace aislewatch::clip_networks
