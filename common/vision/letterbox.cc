#include "common/vision/letterbox.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace aislewatch {
namespace {

int RoundUp(double value, int multiple) {
  // A hair below the next multiple is rounding noise, not a need for another row of cells.
  return static_cast<int>(std::ceil(value / multiple - 1e-6)) * multiple;
}

}  // namespace

Letterbox FitLetterbox(FrameSize source, FrameSize target) {
  const double scale = std::min(static_cast<double>(target.width) / source.width,
                                static_cast<double>(target.height) / source.height);
  Letterbox box{source, target, {}, 0, 0};
  box.content.width =
      std::clamp(static_cast<int>(std::lround(source.width * scale)), 1, target.width);
  box.content.height =
      std::clamp(static_cast<int>(std::lround(source.height * scale)), 1, target.height);
  box.left = (target.width - box.content.width) / 2;
  box.top = (target.height - box.content.height) / 2;
  return box;
}

FrameSize InputSizeFor(FrameSize source, int long_side, int multiple) {
  const int longer = std::max(source.width, source.height);
  const double scale = static_cast<double>(long_side) / longer;
  return {std::max(multiple, RoundUp(source.width * scale, multiple)),
          std::max(multiple, RoundUp(source.height * scale, multiple))};
}

cv::Mat ApplyLetterbox(const cv::Mat& image, const Letterbox& letterbox, const cv::Scalar& fill) {
  const FrameSize& content = letterbox.content;
  const bool shrinks = content.width * 2 < image.cols || content.height * 2 < image.rows;
  cv::Mat out(letterbox.target.height, letterbox.target.width, CV_8UC3, fill);
  cv::Mat place = out(cv::Rect(letterbox.left, letterbox.top, content.width, content.height));
  cv::resize(image, place, place.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return out;
}

NormalizedPoint ToSource(const Letterbox& letterbox, NormalizedPoint in_target) {
  const auto fraction = [](float value, int target, int bar, int content) {
    return (value * static_cast<float>(target) - static_cast<float>(bar)) /
           static_cast<float>(content);
  };
  return {fraction(in_target.x, letterbox.target.width, letterbox.left, letterbox.content.width),
          fraction(in_target.y, letterbox.target.height, letterbox.top, letterbox.content.height)};
}

NormalizedBox ToSource(const Letterbox& letterbox, const NormalizedBox& in_target) {
  const NormalizedPoint corner = ToSource(letterbox, NormalizedPoint{in_target.x, in_target.y});
  const NormalizedPoint opposite =
      ToSource(letterbox, NormalizedPoint{in_target.right(), in_target.bottom()});
  return {corner.x, corner.y, opposite.x - corner.x, opposite.y - corner.y};
}

DetectedPerson ToSource(const Letterbox& letterbox, const DetectedPerson& in_target) {
  DetectedPerson person = in_target;
  const NormalizedBox box = ToSource(letterbox, in_target.box);
  const float left = std::clamp(box.x, 0.0f, 1.0f);
  const float top = std::clamp(box.y, 0.0f, 1.0f);
  person.box = {left, top, std::clamp(box.right(), 0.0f, 1.0f) - left,
                std::clamp(box.bottom(), 0.0f, 1.0f) - top};
  for (Keypoint& keypoint : person.keypoints) {
    const NormalizedPoint point = ToSource(letterbox, NormalizedPoint{keypoint.x, keypoint.y});
    keypoint.x = point.x;
    keypoint.y = point.y;
  }
  return person;
}

}  // namespace aislewatch
