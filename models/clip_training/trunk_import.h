// Gives a new network the trunk of an imported MoveNet MultiPose.
#pragma once

#include "absl/status/status.h"
#include "common/inference/safetensors.h"
#include "models/cnn_gru/network.h"

namespace aislewatch::clip_training {

/// Copies MoveNet's stem and first blocks, as models/movenet names them, into `network`'s trunk.
/// INVALID_ARGUMENT names the tensor that is missing or of another shape.
absl::Status ImportTrunk(const SafetensorsFile& movenet, cnn_gru::Network& network);

}  // namespace aislewatch::clip_training
