// Recorded clips through the pose and classifier services, as the cluster runs them.
//
// Thread-safe; calls block for the inference.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "cli/clips/judge_clips.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/cluster/local_cluster.h"
#include "models/clip_training/clip_verdict.h"
#include "models/clip_training/person_finder.h"

namespace aislewatch {

/// The stages alone, started when they are first needed.
class ClipCluster {
 public:
  /// `options.services` are the stages to run.
  explicit ClipCluster(LocalClusterOptions options) : options_(std::move(options)) {}

  /// A channel to one of the services; starts them if they do not run yet.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel(const std::string& service);

 private:
  absl::Mutex mutex_;
  const LocalClusterOptions options_;
  std::unique_ptr<LocalCluster> cluster_ ABSL_GUARDED_BY(mutex_);
};

/// Finds people with the pose service: one stream per clip, so that every clip has a new tracker.
class ClusterPersonFinder : public clip_training::PersonFinder {
 public:
  /// `model` names the pose model and version that the service runs. `cluster` outlives this.
  ClusterPersonFinder(ClipCluster& cluster, std::string model)
      : cluster_(cluster), model_(std::move(model)) {}

  absl::StatusOr<clip_training::PeopleByFrame> Find(
      absl::Span<const CapturedFrame> frames) override;
  std::string version() const override { return model_; }

 private:
  ClipCluster& cluster_;
  const std::string model_;
};

/// What the classifier service makes of the people of a clip. INTERNAL where it gives a score that
/// is not a number.
absl::StatusOr<ServiceVerdict> JudgeClip(ClipCluster& cluster,
                                         absl::Span<const CapturedFrame> frames,
                                         const clip_training::PeopleByFrame& people);

}  // namespace aislewatch
