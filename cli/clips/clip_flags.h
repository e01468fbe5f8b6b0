// Flags that training and evaluating on clips share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/cluster/cluster_flags.h"

namespace aislewatch {

struct ClipClusterFlags {
  RunClusterFlags cluster;
  /// Folder that remembers where people are in the clips.
  std::string cache;
  /// What finds them, a name in the model repository.
  std::string pose_model = "movenet-multipose";
};

void AddClipClusterFlags(CLI::App& command, ClipClusterFlags& flags);

}  // namespace aislewatch
