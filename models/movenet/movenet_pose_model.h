// MoveNet behind the PoseModel interface.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_model.h"

namespace aislewatch {

struct MoveNetModelOptions {
  /// "cpu" or a LibTorch device such as "cuda:0".
  std::string device = "cpu";
  /// Longest run of pictures of one input size that go through the network together; >= 1. On a
  /// CPU larger batches are not faster, they only need more memory.
  int max_batch = 8;
};

/// Loads and prepares the network that `files` describes: architecture movenet_multipose with the
/// decoder movenet_centers, whose options min_center_score, min_score and max_people the manifest
/// may set. Pictures are fitted into an input whose longer side is the manifest's input.size and
/// whose shorter one follows the picture in steps of 32. INVALID_ARGUMENT lists what is wrong with
/// the manifest or the weights.
absl::StatusOr<std::unique_ptr<PoseModel>> LoadMoveNet(const ModelFiles& files,
                                                       const MoveNetModelOptions& options = {});

}  // namespace aislewatch
