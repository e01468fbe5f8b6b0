// Gives a trunk the weights of an imported MoveNet MultiPose.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/inference/model_repository.h"
#include "common/inference/safetensors.h"
#include "models/clip_networks/trunk.h"

namespace aislewatch::clip_networks {

/// Copies MoveNet's stem and first blocks, as models/movenet names them, into `trunk`.
/// INVALID_ARGUMENT names the tensor that is missing or of another shape.
absl::Status ImportTrunk(const SafetensorsFile& movenet, Trunk& trunk);
/// The same with the newest version of `pose_model` in `repository`. Blocks for the disk; an error of the
/// repository says where the model comes from.
absl::Status ImportTrunk(const ModelRepository& repository, const std::string& pose_model,
                         Trunk& trunk);

}  // namespace aislewatch::clip_networks
