// The pose service's batcher, and what puts models into it.
#pragma once

#include <memory>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/batching/dynamic_batcher.h"
#include "common/roles/model_info.h"
#include "common/roles/pose_model.h"
#include "common/vision/geometry.h"

namespace aislewatch::pose {

/// Pictures of all streams in, the people of each out.
using PoseBatcher = DynamicBatcher<cv::Mat, std::vector<DetectedPerson>>;

/// What finds people, and how it is called.
struct PoseEngine {
  ModelInfo model;
  std::unique_ptr<PoseBatcher> batcher;
};

/// A batcher with one inference thread per model of `models`, which it owns from now on: a model
/// is used by one thread at a time. Runs each model on grey pictures of `warm_up` size in every
/// batch size up to max_batch first, so that no stream pays for what a network does on its first
/// pass; blocks for that. INVALID_ARGUMENT for bad options, the model's error where it fails.
absl::StatusOr<std::unique_ptr<PoseBatcher>> StartPoseBatcher(
    const BatchingOptions& options, std::vector<std::unique_ptr<PoseModel>> models,
    FrameSize warm_up, Clock& clock, Metrics& metrics);

}  // namespace aislewatch::pose
