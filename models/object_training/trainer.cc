#include "models/object_training/trainer.h"

#include <utility>

#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/torch_guard.h"
#include "models/clip_networks/trunk_import.h"
#include "models/object_training/detector_data.h"
#include "models/object_training/detector_run.h"
#include "models/training/device.h"

namespace aislewatch::object_training {

absl::StatusOr<TrainingResult> TrainDetector(const TrainingOptions& options,
                                             const ModelRepository& repository,
                                             const TrainingProgressFn& progress) {
  AW_ASSIGN_OR_RETURN(const ModelInfo info, ModelInfoOfFolder(options.out));
  AW_RETURN_IF_ERROR(retinanet::Validate(options.network));
  AW_ASSIGN_OR_RETURN(const torch::Device device, training::ChooseDevice(options.device));
  AW_ASSIGN_OR_RETURN(DetectorData data, ReadDetectorData(options, progress));
  return CatchTorch("training", [&]() -> absl::StatusOr<TrainingResult> {
    torch::manual_seed(options.seed);
    SetComputeThreads(options.threads);
    retinanet::Network network(options.network, static_cast<int>(data.train.classes.size()));
    if (!options.trunk_model.empty()) {
      AW_RETURN_IF_ERROR(
          clip_networks::ImportTrunk(repository, options.trunk_model, network->trunk()));
    }
    network->to(device);
    return RunTraining(options, info, device, network, std::move(data), progress);
  });
}

}  // namespace aislewatch::object_training
