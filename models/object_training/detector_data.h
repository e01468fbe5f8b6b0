// The pictures of a training run: what to learn from, and what to choose the epoch by. Free of
// LibTorch.
#pragma once

#include "absl/status/statusor.h"
#include "models/object_training/coco.h"
#include "models/object_training/trainer.h"

namespace aislewatch::object_training {

struct DetectorData {
  ObjectDataset train;
  /// With the classes of `train`.
  ObjectDataset validation;
};

/// Reads both parts, names the weapons and leaves out what cannot be read, counted. Errors as
/// TrainDetector's.
absl::StatusOr<DetectorData> ReadDetectorData(const TrainingOptions& options,
                                              const TrainingProgressFn& progress);

}  // namespace aislewatch::object_training
