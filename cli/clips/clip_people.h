// The people of recorded clips, as the cluster finds them, for whoever trains or measures on clips.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cli/clips/clip_flags.h"
#include "cli/clips/cluster_clips.h"
#include "common/inference/model_repository.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/person_finder.h"

namespace aislewatch {

/// A pose service that is started when somebody has to be found, and a memory of who was found before.
/// Calls block for the inference.
class ClipPeople {
 public:
  /// `services`: those to run, "pose" among them. NOT_FOUND where the pose model is not there.
  static absl::StatusOr<std::unique_ptr<ClipPeople>> Create(const ClipClusterFlags& flags,
                                                            const std::string& bin_dir,
                                                            std::vector<std::string> services);

  using Use = std::function<absl::Status(const clip_training::ClipFile& clip,
                                         absl::Span<const CapturedFrame> frames,
                                         const clip_training::PeopleByFrame& people)>;
  /// Shows each clip with its people to `use`, with a progress bar. A clip that cannot be read is named on
  /// stderr and left out; that people cannot be found, or `use` fails, is an error with the clip's path.
  absl::Status ForEach(const std::vector<clip_training::ClipFile>& clips, const Use& use);

  ClipCluster& cluster() { return cluster_; }
  clip_training::PersonFinder& finder() { return finder_; }
  const ModelRepository& repository() const { return repository_; }

 private:
  ClipPeople(ModelRepository repository, LocalClusterOptions options, std::string pose_model,
             std::string cache);

  const ModelRepository repository_;
  ClipCluster cluster_;
  ClusterPersonFinder by_service_;
  clip_training::CachingPersonFinder finder_;
};

}  // namespace aislewatch
