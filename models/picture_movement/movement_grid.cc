#include "models/picture_movement/movement_grid.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <utility>

namespace aislewatch::picture_movement {
namespace {

constexpr int kLinesPerRow = 3;
constexpr int kLines = MovementMeter::kRows * kLinesPerRow;

// Of 120 lines; its width is that of whole places, and at least one.
cv::Mat GreyOf(const cv::Mat& image) {
  const double places = static_cast<double>(image.cols) * MovementMeter::kRows / image.rows;
  const int columns = std::clamp(static_cast<int>(std::lround(places)), MovementMeter::kRows / 8,
                                 MovementMeter::kRows * 8);
  cv::Mat sized, grey;
  cv::resize(image, sized, cv::Size(columns * kLinesPerRow, kLines), 0, 0, cv::INTER_AREA);
  cv::cvtColor(sized, grey, cv::COLOR_BGR2GRAY);
  return grey;
}

float MedianOf(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Velocity MedianOf(const std::vector<Velocity>& places) {
  std::vector<float> x, y;
  for (const Velocity& place : places) {
    x.push_back(place.x);
    y.push_back(place.y);
  }
  return {MedianOf(std::move(x)), MedianOf(std::move(y))};
}

}  // namespace

float Velocity::speed() const { return std::hypot(x, y); }

class MovementMeter::Flow {
 public:
  Flow() : flow_(cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_FAST)) {
    // It starts a stripe of the picture with what the last row of the stripe above was found to do,
    // and there are as many stripes as cores.
    flow_->setUseSpatialPropagation(false);
  }

  // A place's mean, in pixels.
  cv::Mat Between(const cv::Mat& before, const cv::Mat& after) {
    cv::Mat flow, places;
    flow_->calc(before, after, flow);
    cv::resize(flow, places, after.size() / kLinesPerRow, 0, 0, cv::INTER_AREA);
    return places;
  }

 private:
  const cv::Ptr<cv::DISOpticalFlow> flow_;
};

MovementMeter::MovementMeter() : flow_(std::make_unique<Flow>()) {}
MovementMeter::~MovementMeter() = default;

std::optional<MovementGrid> MovementMeter::Push(const CapturedFrame& frame) {
  const FrameSize size{frame.image.cols, frame.image.rows};
  const absl::Time before = std::exchange(last_time_, frame.capture_time);
  const cv::Mat grey_before = std::exchange(last_, GreyOf(frame.image));
  const FrameSize size_before = std::exchange(last_size_, size);
  const absl::Duration step = frame.capture_time - before;
  if (grey_before.empty() || size_before.width != size.width || size_before.height != size.height ||
      step <= absl::ZeroDuration() || step > kLongestStep) {
    return std::nullopt;
  }
  const cv::Mat flow = flow_->Between(grey_before, last_);
  MovementGrid grid{frame.capture_time, flow.rows, flow.cols, {}, {}};
  grid.places.reserve(flow.total());
  const float scale = static_cast<float>(1 / (kLines * absl::ToDoubleSeconds(step)));
  for (int row = 0; row < flow.rows; ++row) {
    for (int column = 0; column < flow.cols; ++column) {
      const auto& pixels = flow.at<cv::Vec2f>(row, column);
      grid.places.push_back({pixels[0] * scale, pixels[1] * scale});
    }
  }
  grid.camera = MedianOf(grid.places);
  for (Velocity& place : grid.places) {
    place.x -= grid.camera.x;
    place.y -= grid.camera.y;
  }
  return grid;
}

std::vector<MovementGrid> MeasureMovement(absl::Span<const CapturedFrame> frames,
                                          absl::Duration until) {
  MovementMeter meter;
  std::vector<MovementGrid> grids;
  for (const CapturedFrame& frame : frames) {
    if (frame.capture_time - frames[0].capture_time >= until) break;
    if (std::optional<MovementGrid> grid = meter.Push(frame)) grids.push_back(*std::move(grid));
  }
  return grids;
}

}  // namespace aislewatch::picture_movement
