// Writes a clip classifier as a version of a model repository.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/inference/model_manifest.h"
#include "models/clip_networks/clip_network.h"

namespace aislewatch::clip_networks {

/// Writes weights.safetensors (half precision: the trunk's weights come in it, and the others lose
/// nothing that can be measured) and model.json into `folder`. Of `manifest` the caller gives info,
/// licence, source, training and metrics; the rest is what the network says of itself.
absl::Status SaveClipClassifier(const std::string& folder, const ClipNetwork& network,
                                ModelManifest manifest);

}  // namespace aislewatch::clip_networks
