#include "common/vision/crop.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <opencv2/imgproc.hpp>

namespace aislewatch {
namespace {

const cv::Scalar kGrey(114, 114, 114);

/// A square in pixels of the frame.
struct Square {
  float left = 0;
  float top = 0;
  float side = 0;
};

/// What is cut out; nothing for a box that no person has.
std::optional<Square> SquareAround(const NormalizedBox& box, FrameSize frame, float margin) {
  const auto frame_width = static_cast<float>(frame.width);
  const auto frame_height = static_cast<float>(frame.height);
  Square square;
  square.side =
      std::max(box.width * frame_width, box.height * frame_height) * (1 + 2 * margin);
  // A box from a peer may be anything; beyond four frames nothing of the person is left to see.
  const float limit = 4 * std::max(frame_width, frame_height);
  if (!std::isfinite(square.side) || square.side < 1 || square.side > limit) return std::nullopt;
  square.left = (box.x + box.width / 2) * frame_width - square.side / 2;
  square.top = (box.y + box.height / 2) * frame_height - square.side / 2;
  if (!std::isfinite(square.left) || !std::isfinite(square.top)) return std::nullopt;
  return square;
}

}  // namespace

cv::Mat CropPerson(const cv::Mat& frame, const NormalizedBox& box, const CropOptions& options) {
  cv::Mat crop(options.side, options.side, CV_8UC3, kGrey);
  const std::optional<Square> square =
      SquareAround(box, {frame.cols, frame.rows}, options.margin);
  if (!square.has_value()) return crop;
  const auto [left, top, longer] = *square;

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

Pose KeypointsInCrop(const Pose& keypoints, FrameSize frame, const NormalizedBox& box,
                     const CropOptions& options) {
  const std::optional<Square> square = SquareAround(box, frame, options.margin);
  if (!square.has_value()) return {};
  Pose cropped;
  for (size_t j = 0; j < cropped.size(); ++j) {
    cropped[j] = {(keypoints[j].x * static_cast<float>(frame.width) - square->left) / square->side,
                  (keypoints[j].y * static_cast<float>(frame.height) - square->top) / square->side,
                  keypoints[j].confidence};
  }
  return cropped;
}

}  // namespace aislewatch
