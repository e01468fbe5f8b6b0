// Pose networks from a model repository, one for each inference thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_model.h"

namespace aislewatch::pose {

/// Which networks to load, and how they compute.
struct TorchPoseModelOptions {
  std::string name;
  /// Empty means the newest.
  std::string version;
  /// "cpu" or a LibTorch device such as "cuda:0".
  std::string device = "cpu";
  /// Networks to load, >= 1; each has its own weights and memory.
  int copies = 1;
  /// Processor threads of one inference, >= 1.
  int torch_threads = 1;
};

/// Loads `copies` equal networks. Blocks for the disk. Errors name the file and what is wrong, and
/// NOT_FOUND what the repository holds instead.
absl::StatusOr<std::vector<std::unique_ptr<PoseModel>>> LoadTorchPoseModels(
    const ModelRepository& repository, const TorchPoseModelOptions& options);

}  // namespace aislewatch::pose
