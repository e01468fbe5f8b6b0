#include "common/capture/scale.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace aislewatch {

cv::Mat ScaleToFit(const cv::Mat& image, int longer_side) {
  const int longer = std::max(image.cols, image.rows);
  if (longer <= longer_side) return image;
  const double factor = static_cast<double>(longer_side) / longer;
  const cv::Size size(std::max(1, static_cast<int>(std::lround(image.cols * factor))),
                      std::max(1, static_cast<int>(std::lround(image.rows * factor))));
  cv::Mat scaled;
  // Averaging keeps thin limbs that interpolation would skip over.
  cv::resize(image, scaled, size, 0, 0, cv::INTER_AREA);
  return scaled;
}

}  // namespace aislewatch
