#include "models/object_training/training_picture.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace aislewatch::object_training {
namespace {

constexpr float kLeastLeft = 1.0f / 3;

double Between(double low, double high, std::mt19937_64& random) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

/// Where a picture of `content` pixels begins in `side`: anywhere inside, or overlapping all of it.
int Place(int content, int side, std::mt19937_64& random) {
  const int slack = side - content;
  return std::uniform_int_distribution<int>(std::min(0, slack), std::max(0, slack))(random);
}

void VaryLight(cv::Mat& image, std::mt19937_64& random) {
  image.convertTo(image, -1, Between(0.7, 1.3, random), Between(-20, 20, random));
  if (Between(0, 1, random) < 0.85) return;
  cv::Mat grey;
  cv::cvtColor(image, grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(grey, image, cv::COLOR_GRAY2BGR);
}

}  // namespace

TrainingPicture VaryPicture(const cv::Mat& image, const std::vector<LabelledBox>& labels, int side,
                            std::mt19937_64& random) {
  const double fit = static_cast<double>(side) / std::max(image.cols, image.rows);
  const double scale = fit * Between(0.8, 1.3, random);
  cv::Mat sized;
  cv::resize(image, sized,
             {std::max(1, static_cast<int>(std::lround(image.cols * scale))),
              std::max(1, static_cast<int>(std::lround(image.rows * scale)))},
             0, 0, scale < 0.5 ? cv::INTER_AREA : cv::INTER_LINEAR);
  VaryLight(sized, random);
  const int left = Place(sized.cols, side, random);
  const int top = Place(sized.rows, side, random);
  const bool mirrored = random() % 2 == 0;

  TrainingPicture out;
  out.image = cv::Mat(side, side, CV_8UC3, cv::Scalar(0, 0, 0));
  const cv::Rect place = cv::Rect(left, top, sized.cols, sized.rows) & cv::Rect(0, 0, side, side);
  sized(place - cv::Point(left, top)).copyTo(out.image(place));
  if (mirrored) cv::flip(out.image, out.image, 1);

  const auto limit = static_cast<float>(side);
  for (const LabelledBox& label : labels) {
    const auto x = [&](float fraction) {
      const float at = static_cast<float>(left) + fraction * static_cast<float>(sized.cols);
      return mirrored ? limit - at : at;
    };
    const auto y = [&](float fraction) {
      return static_cast<float>(top) + fraction * static_cast<float>(sized.rows);
    };
    retinanet::PixelBox box{x(label.box.x), y(label.box.y), x(label.box.right()),
                            y(label.box.bottom())};
    if (mirrored) std::swap(box.left, box.right);
    const float whole = box.area();
    box = {std::clamp(box.left, 0.0f, limit), std::clamp(box.top, 0.0f, limit),
           std::clamp(box.right, 0.0f, limit), std::clamp(box.bottom, 0.0f, limit)};
    if (box.area() <= 0) continue;
    if (label.ignored || box.area() < kLeastLeft * whole) {
      out.ignored.push_back(box);
    } else {
      out.boxes.push_back(box);
      out.classes.push_back(label.class_index);
    }
  }
  return out;
}

}  // namespace aislewatch::object_training
