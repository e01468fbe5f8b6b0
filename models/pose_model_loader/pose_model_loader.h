// The one place that knows every kind of pose network.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_model.h"

namespace aislewatch {

struct PoseModelOptions {
  /// Version in the repository; the newest where empty.
  std::string version;
  /// "cpu" or a LibTorch device such as "cuda:0"; networks that cannot use it run on the CPU.
  std::string device = "cpu";
  /// Threads of one inference, for the whole process (SetComputeThreads); >= 1.
  int threads = 1;
};

/// Finds `name` in the repository, checks its weights and makes the network that its manifest
/// names. Errors name the file and what is wrong. Blocks for the disk and the preparation (tens of
/// milliseconds for MoveNet). The result is used from one thread at a time.
absl::StatusOr<std::unique_ptr<PoseModel>> LoadPoseModel(const ModelRepository& repository,
                                                         absl::string_view name,
                                                         const PoseModelOptions& options = {});

/// Runs `model` once on a grey picture of 16:9, so that the first real frame does not pay for
/// memory and code that are set up on first use. The error where it fails.
absl::Status WarmPoseModel(PoseModel& model);

}  // namespace aislewatch
