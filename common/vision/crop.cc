#include "common/vision/crop.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace aislewatch {
namespace {
const cv::Scalar kGrey(114, 114, 114);
}

cv::Mat CropPerson(const cv::Mat& frame, const NormalizedBox& box, const CropOptions& options) {
  const float width = box.width * static_cast<float>(frame.cols);
  const float height = box.height * static_cast<float>(frame.rows);
  const float longer = std::max(width, height) * (1 + 2 * options.margin);
  cv::Mat crop(options.side, options.side, CV_8UC3, kGrey);
  // A box from a peer may be anything; beyond four frames nothing of the person is left to see.
  const float limit = 4.0f * static_cast<float>(std::max(frame.cols, frame.rows));
  if (!std::isfinite(longer) || longer < 1 || longer > limit) return crop;
  const float left = (box.x + box.width / 2) * static_cast<float>(frame.cols) - longer / 2;
  const float top = (box.y + box.height / 2) * static_cast<float>(frame.rows) - longer / 2;
  if (!std::isfinite(left) || !std::isfinite(top)) return crop;

  const float scale = static_cast<float>(options.side) / longer;
  // Pixel centres: destination x maps to source (x + 0.5) / scale + left - 0.5.
  const cv::Matx23f to_crop(scale, 0, (-left + 0.5f) * scale - 0.5f, 0, scale,
                            (-top + 0.5f) * scale - 0.5f);
  const int interpolation = scale < 0.5f ? cv::INTER_AREA : cv::INTER_LINEAR;
  if (interpolation == cv::INTER_AREA) {
    // warpAffine cannot average; cut first, then shrink, so that small limbs survive.
    const int side = static_cast<int>(std::lround(longer));
    const cv::Rect want(static_cast<int>(std::floor(left)), static_cast<int>(std::floor(top)),
                        side, side);
    const cv::Rect have = want & cv::Rect(0, 0, frame.cols, frame.rows);
    cv::Mat square(side, side, CV_8UC3, kGrey);
    if (have.area() > 0) frame(have).copyTo(square(have - want.tl()));
    cv::resize(square, crop, crop.size(), 0, 0, cv::INTER_AREA);
    return crop;
  }
  cv::warpAffine(frame, crop, to_crop, crop.size(), interpolation, cv::BORDER_CONSTANT, kGrey);
  return crop;
}

}  // namespace aislewatch
