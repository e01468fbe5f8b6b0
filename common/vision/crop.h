// Cutting people out of frames, the one way that pipelines, trainers and evaluators share.
//
// Stateless and thread-safe.
#pragma once

#include <opencv2/core/mat.hpp>

#include "common/vision/geometry.h"

namespace aislewatch {

/// How a person is cut out of a frame.
struct CropOptions {
  /// Side of the square crop in pixels.
  int side = 112;
  /// Added around the box on each side, as a fraction of its longer side: hands and the shelf that
  /// they reach for lie outside the box.
  float margin = 0.15f;
};

/// The square around `box` (its longer side plus margins, in pixels of `frame`), scaled to `side`.
/// What lies outside the frame is filled with grey (114), so that the person's shape is kept.
/// `frame`: 8-bit BGR, not empty. Returns `[side, side]` 8-bit BGR, all grey for an empty box.
cv::Mat CropPerson(const cv::Mat& frame, const NormalizedBox& box, const CropOptions& options = {});

/// The keypoints of a person in `frame` as fractions of what CropPerson cuts out for `box`; joints
/// outside the crop lie outside 0..1. No joint has any confidence where the crop is all grey.
Pose KeypointsInCrop(const Pose& keypoints, FrameSize frame, const NormalizedBox& box,
                     const CropOptions& options = {});

}  // namespace aislewatch
