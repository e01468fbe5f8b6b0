// Scaling frames to the size that is analysed.
#pragma once

#include <opencv2/core/mat.hpp>

namespace aislewatch {

/// `image` scaled so that its longer side is `longer_side` pixels; as it is where it is no longer
/// than that: frames are never enlarged. The shorter side is at least 1 pixel.
cv::Mat ScaleToFit(const cv::Mat& image, int longer_side);

}  // namespace aislewatch
