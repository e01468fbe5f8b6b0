// Trains an object detector. Free of LibTorch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "models/object_training/coco.h"
#include "models/object_training/detection_metrics.h"
#include "models/retinanet/options.h"
#include "models/training/progress.h"

namespace aislewatch::object_training {

struct TrainingOptions {
  /// Folder as ReadCoco takes it.
  std::string dataset;
  /// The same for choosing the epoch and the threshold; empty: the last tenth of `dataset` by file
  /// name, since neighbours among a camera's pictures show the same.
  std::string validation;
  /// NAME/VERSION below a model repository: weights.safetensors and model.json go there, the run's
  /// state and training.csv into its sub-folder run/.
  std::string out;
  /// Names of the classes that are weapons; empty: those whose supercategory says so.
  std::vector<std::string> weapons;
  uint64_t seed = 1;
  int epochs = 12;
  /// Ends when the validation figure has not risen for so many epochs.
  int patience = 4;
  /// Pictures of one step.
  int batch = 16;
  double learning_rate = 2e-3;
  /// "cpu", "cuda", or "auto": CUDA where there is some.
  std::string device = "auto";
  /// Threads of one step, >= 1.
  int threads = 1;
  /// Goes on from the state in `out`.
  bool resume = false;
  retinanet::Options network;
  /// The pose model whose trunk is taken over; its finest part stays frozen. Empty: from nothing.
  std::string trunk_model = "movenet-multipose";
  /// Written into the manifest: what the pictures are, and the command line.
  std::string data_note;
  std::string command;
};

using training::TrainingProgress;
using training::TrainingProgressFn;

struct TrainingResult {
  int epochs = 0;
  int best_epoch = 0;
  /// Of the best epoch on the validation pictures, at the threshold that was chosen on them.
  ObjectEvaluation validation;
  /// What was left out of the training pictures, and of the validation ones.
  Skipped skipped;
  Skipped validation_skipped;
};

/// Trains on the data set, keeps the epoch with the highest mean average precision on the
/// validation pictures, and writes the model. `repository` holds the pose model. Blocks for minutes
/// to hours. The same options give the same model on the same machine and build. Errors of the data
/// are ReadCoco's; INVALID_ARGUMENT where there are fewer than two pictures or no box to learn.
absl::StatusOr<TrainingResult> TrainDetector(const TrainingOptions& options,
                                             const ModelRepository& repository,
                                             const TrainingProgressFn& progress);

/// What `detector` finds in each picture of `dataset`, whose classes must be the detector's
/// (UseClasses); EvaluateDetections measures it. A picture that cannot be read is an error.
absl::StatusOr<std::vector<JudgedPicture>> JudgePictures(
    ObjectDetector& detector, const ObjectDataset& dataset,
    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace aislewatch::object_training
