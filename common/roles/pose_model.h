// What finds people in pictures. See common/roles/README.md for where implementations live.
#pragma once

#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// Finds people and their 17 keypoints in pictures.
///
/// Detect is called from one thread at a time (the DynamicBatcher's inference thread guarantees
/// it) and blocks for the time of the inference.
class PoseModel {
 public:
  virtual ~PoseModel() = default;
  /// `images`: 8-bit BGR pictures, each of its own size, none empty. Returns the people of each,
  /// in fractions of that picture, best score first. INTERNAL where the model fails.
  virtual absl::StatusOr<std::vector<std::vector<DetectedPerson>>> Detect(
      absl::Span<const cv::Mat> images) = 0;
  virtual const ModelInfo& info() const = 0;
};

}  // namespace aislewatch
