// One training run of a detector, from pictures in memory to a model on disk. Needs LibTorch.
#pragma once

#include <torch/types.h>

#include "absl/status/statusor.h"
#include "common/inference/model_repository.h"
#include "models/object_training/detector_data.h"
#include "models/object_training/trainer.h"
#include "models/retinanet/network.h"

namespace aislewatch::object_training {

/// Trains `network`, which lies on `device`, as TrainDetector says, and writes the model as `info`.
/// LibTorch may throw.
absl::StatusOr<TrainingResult> RunTraining(const TrainingOptions& options, const ModelInfo& info,
                                           torch::Device device, retinanet::Network network,
                                           DetectorData data, const TrainingProgressFn& progress);

}  // namespace aislewatch::object_training
