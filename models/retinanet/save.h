// Writes a RetinaNet as a version of a model repository.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/inference/model_manifest.h"
#include "models/retinanet/network.h"

namespace aislewatch::retinanet {

/// Writes weights.safetensors (half precision) and model.json into `folder`. Of `manifest` the
/// caller gives info, classes, licence, source, training and metrics. `options` are the network's,
/// with the threshold and the weapons as they shall stand in the manifest.
absl::Status SaveObjectDetector(const std::string& folder, const Network& network,
                                const Options& options, ModelManifest manifest);

}  // namespace aislewatch::retinanet
