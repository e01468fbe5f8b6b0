#include "common/vision/overlay.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch {
namespace {

constexpr float kMinConfidence = 0.2f;
const cv::Scalar kWhite(255, 255, 255);
const cv::Scalar kBlack(0, 0, 0);

cv::Scalar RiskColour(std::optional<float> risk) {
  if (!risk.has_value() || !std::isfinite(*risk)) return {160, 160, 160};
  const double r = std::clamp(*risk, 0.0f, 1.0f);
  // Green over yellow to red, so that the middle is not mud.
  return {0, 255 * std::min(1.0, 2 - 2 * r), 255 * std::min(1.0, 2 * r)};
}

// Coordinates far outside come from broken answers; OpenCV's fixed-point drawing overflows there.
std::optional<cv::Point> ToPixel(const cv::Mat& frame, float x, float y) {
  if (!(std::abs(x) < 4 && std::abs(y) < 4)) return std::nullopt;
  return cv::Point(static_cast<int>(std::lround(x * static_cast<float>(frame.cols))),
                   static_cast<int>(std::lround(y * static_cast<float>(frame.rows))));
}

void DrawText(cv::Mat& frame, const std::string& text, cv::Point bottom_left,
              const cv::Scalar& colour) {
  const double scale = std::max(0.35, frame.rows / 900.0);
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, &baseline);
  bottom_left.x = std::clamp(bottom_left.x, 0, std::max(0, frame.cols - size.width));
  bottom_left.y = std::clamp(bottom_left.y, size.height + 2, std::max(size.height + 2,
                                                                     frame.rows - baseline));
  cv::rectangle(frame, bottom_left + cv::Point(-1, baseline),
                bottom_left + cv::Point(size.width + 1, -size.height - 2), kBlack, cv::FILLED);
  cv::putText(frame, text, bottom_left, cv::FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv::LINE_AA);
}

void DrawSkeleton(cv::Mat& frame, const Pose& pose, const cv::Scalar& colour) {
  const int thickness = std::max(1, frame.rows / 240);
  const auto seen = [&](size_t joint) -> std::optional<cv::Point> {
    const Keypoint& k = pose[joint];
    if (!(k.confidence >= kMinConfidence)) return std::nullopt;
    return ToPixel(frame, k.x, k.y);
  };
  for (const auto& [from, to] : kSkeleton) {
    const auto a = seen(from);
    const auto b = seen(to);
    if (a && b) cv::line(frame, *a, *b, colour, thickness, cv::LINE_AA);
  }
  for (size_t joint = 0; joint < pose.size(); ++joint) {
    if (const auto p = seen(joint)) cv::circle(frame, *p, thickness + 1, kWhite, cv::FILLED);
  }
}

void DrawPerson(cv::Mat& frame, const OverlayPerson& overlay) {
  const cv::Scalar colour = RiskColour(overlay.risk);
  const NormalizedBox& box = overlay.person.person.box;
  DrawSkeleton(frame, overlay.person.person.keypoints, colour);
  const auto top_left = ToPixel(frame, box.x, box.y);
  const auto bottom_right = ToPixel(frame, box.right(), box.bottom());
  if (!top_left || !bottom_right) return;
  cv::rectangle(frame, *top_left, *bottom_right, colour, std::max(1, frame.rows / 360));
  std::string text = absl::StrCat("#", overlay.person.track_id);
  if (!overlay.label.empty()) absl::StrAppend(&text, " ", overlay.label);
  if (overlay.risk.has_value()) absl::StrAppendFormat(&text, " %.2f", *overlay.risk);
  DrawText(frame, text, *top_left - cv::Point(0, 3), colour);
}

void DrawObject(cv::Mat& frame, const SeenObject& object) {
  const cv::Scalar colour = object.weapon ? cv::Scalar(255, 0, 255) : cv::Scalar(255, 200, 120);
  const auto top_left = ToPixel(frame, object.box.x, object.box.y);
  const auto bottom_right = ToPixel(frame, object.box.right(), object.box.bottom());
  if (!top_left || !bottom_right) return;
  cv::rectangle(frame, *top_left, *bottom_right, colour, std::max(1, frame.rows / 360));
  // Below, where no person's name stands.
  DrawText(frame, absl::StrFormat("%s %.2f", object.name, object.score),
           {top_left->x, bottom_right->y + 12}, colour);
}

}  // namespace

void DrawObjects(cv::Mat& frame, absl::Span<const SeenObject> objects) {
  for (const SeenObject& object : objects) {
    if (object.score >= kShownObjectScore) DrawObject(frame, object);
  }
}

void DrawOverlay(cv::Mat& frame, absl::Span<const OverlayPerson> people,
                 absl::string_view banner) {
  for (const OverlayPerson& person : people) DrawPerson(frame, person);
  if (!banner.empty()) DrawText(frame, std::string(banner), {4, 0}, {80, 80, 255});
}

}  // namespace aislewatch
