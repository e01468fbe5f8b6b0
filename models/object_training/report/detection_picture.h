// A picture with what is in it and what was found there, for a report.
//
// Stateless and thread-safe.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/object_training/detection_metrics.h"

namespace aislewatch::object_training {

/// `image` (8-bit BGR) as JPEG, at most 480 pixels wide: labelled boxes thin and white with their
/// class below, detections from `threshold` on thick and orange with class and score above, of
/// several on one thing those of the surest. Colour and thickness tell them apart, so that either
/// is enough.
absl::StatusOr<std::string> DetectionPicture(const cv::Mat& image, const JudgedPicture& judged,
                                             const std::vector<ObjectClass>& classes,
                                             double threshold);

}  // namespace aislewatch::object_training
