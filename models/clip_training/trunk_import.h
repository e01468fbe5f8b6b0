// Gives a new network the trunk of an imported MoveNet MultiPose.
#pragma once

#include "absl/status/status.h"
#include "common/inference/safetensors.h"
#include "models/clip_networks/trunk.h"

namespace aislewatch::clip_training {

/// Copies MoveNet's stem and first blocks, as models/movenet names them, into `trunk`.
/// INVALID_ARGUMENT names the tensor that is missing or of another shape.
absl::Status ImportTrunk(const SafetensorsFile& movenet, clip_networks::Trunk& trunk);

}  // namespace aislewatch::clip_training
