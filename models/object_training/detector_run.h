// One training run of a detector, from pictures in memory to a model on disk. Needs LibTorch.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/inference/model_repository.h"
#include "models/object_training/detector_data.h"
#include "models/object_training/trainer.h"
#include "models/retinanet/network.h"

namespace aislewatch::object_training {

/// What `detector` finds in `dataset`. A picture that cannot be read is an error.
absl::StatusOr<std::vector<JudgedPicture>> JudgePictures(
    ObjectDetector& detector, const ObjectDataset& dataset,
    const std::function<void(int64_t done, int64_t total)>& progress);

/// Trains `network`, which lies on `device`, as TrainDetector says, and writes the model as `info`.
/// LibTorch may throw.
absl::StatusOr<TrainingResult> RunTraining(const TrainingOptions& options, const ModelInfo& info,
                                           torch::Device device, retinanet::Network network,
                                           DetectorData data, const TrainingProgressFn& progress);

}  // namespace aislewatch::object_training
