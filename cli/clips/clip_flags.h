// Flags that training and evaluating on clips share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "cli/cluster/cluster_flags.h"
#include "common/inference/model_repository.h"

namespace aislewatch {

struct ClipClusterFlags {
  RunClusterFlags cluster;
  /// Folder that remembers where people are in the clips.
  std::string cache;
};

void AddClipClusterFlags(CLI::App& command, ClipClusterFlags& flags);

/// "NAME-VERSION" of the pose model that the pose service runs unless told otherwise.
absl::StatusOr<std::string> PoseModelVersion(const ModelRepository& repository);

}  // namespace aislewatch
