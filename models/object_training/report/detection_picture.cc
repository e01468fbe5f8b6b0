#include "models/object_training/report/detection_picture.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/vision/image_codec.h"

namespace aislewatch::object_training {
namespace {

constexpr int kWidth = 480;
constexpr int kJpegQuality = 85;
constexpr double kTextScale = 0.45;
constexpr float kSameThing = 0.3f;
const cv::Scalar kTruthColour(255, 255, 255);
const cv::Scalar kFoundColour(40, 140, 255);
const cv::Scalar kShadow(0, 0, 0);

cv::Rect PixelsOf(const NormalizedBox& box, const cv::Mat& image) {
  const auto pixel = [](float part, int size) {
    return static_cast<int>(std::lround(std::clamp(part, 0.0f, 1.0f) * static_cast<float>(size)));
  };
  const cv::Point from(pixel(box.x, image.cols), pixel(box.y, image.rows));
  const cv::Point to(pixel(box.right(), image.cols), pixel(box.bottom(), image.rows));
  return cv::Rect(from, to);
}

// With a dark edge, so that it shows on any background.
void DrawBox(cv::Mat& image, const cv::Rect& box, const cv::Scalar& colour, int thickness) {
  cv::rectangle(image, box, kShadow, thickness + 2);
  cv::rectangle(image, box, colour, thickness);
}

// Above the box, or below it, as far as the picture has room.
void WriteBeside(cv::Mat& image, const cv::Rect& box, bool above, const std::string& text,
                 const cv::Scalar& colour) {
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, kTextScale, 1, &baseline);
  const int x = std::clamp(box.x, 0, std::max(0, image.cols - size.width));
  const int y = std::clamp(above ? box.y - 5 : box.br().y + size.height + 5, size.height + 2,
                           std::max(size.height + 2, image.rows - baseline));
  cv::rectangle(image, cv::Point(x - 1, y + baseline),
                cv::Point(x + size.width + 1, y - size.height - 2), kShadow, cv::FILLED);
  cv::putText(image, text, {x, y}, cv::FONT_HERSHEY_SIMPLEX, kTextScale, colour, 1, cv::LINE_AA);
}

/// Indices of those from `threshold` on, rising.
std::vector<size_t> ShownBySureness(const std::vector<DetectedObject>& found, double threshold) {
  std::vector<size_t> shown;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].score >= threshold) shown.push_back(i);
  }
  std::stable_sort(shown.begin(), shown.end(),
                   [&](size_t a, size_t b) { return found[a].score < found[b].score; });
  return shown;
}

/// Whether no surer detection lies on the same thing: one thing has one line of text.
bool IsSurest(const std::vector<DetectedObject>& found, size_t index) {
  return std::none_of(found.begin(), found.end(), [&](const DetectedObject& other) {
    return other.score > found[index].score &&
           IntersectionOverUnion(other.box, found[index].box) >= kSameThing;
  });
}

}  // namespace

absl::StatusOr<std::string> DetectionPicture(const cv::Mat& image, const JudgedPicture& judged,
                                             const std::vector<ObjectClass>& classes,
                                             double threshold) {
  if (image.empty()) return absl::InvalidArgumentError("there is no picture to draw on");
  cv::Mat shown;
  const double scale = std::min(1.0, static_cast<double>(kWidth) / image.cols);
  cv::resize(image, shown, {}, scale, scale, cv::INTER_AREA);
  const auto name = [&](int class_index) { return classes[static_cast<size_t>(class_index)].name; };
  for (const LabelledBox& box : judged.truth) {
    const cv::Rect pixels = PixelsOf(box.box, shown);
    DrawBox(shown, pixels, kTruthColour, 1);
    WriteBeside(shown, pixels, /*above=*/false, name(box.class_index), kTruthColour);
  }
  // The surest last, so that nothing hides it.
  for (const size_t i : ShownBySureness(judged.found, threshold)) {
    const DetectedObject& object = judged.found[i];
    const cv::Rect pixels = PixelsOf(object.box, shown);
    DrawBox(shown, pixels, kFoundColour, 2);
    if (!IsSurest(judged.found, i)) continue;
    WriteBeside(shown, pixels, /*above=*/true,
                absl::StrFormat("%s %.2f", name(object.class_index), object.score), kFoundColour);
  }
  return EncodeJpeg(shown, kJpegQuality);
}

}  // namespace aislewatch::object_training
