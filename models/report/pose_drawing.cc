#include "models/report/pose_drawing.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch::report {
namespace {

constexpr double kSide = 200;
constexpr double kMargin = 16;

/// From pixels of the frame to the drawing.
struct View {
  double left = 0, top = 0, scale = 1;

  std::string X(double pixel) const {
    return absl::StrFormat("%.1f", kMargin + (pixel - left) * scale);
  }
  std::string Y(double pixel) const {
    return absl::StrFormat("%.1f", kMargin + (pixel - top) * scale);
  }
};

std::optional<PixelPoint> PixelOf(const Keypoint& joint, FrameSize frame) {
  const float x = joint.x * static_cast<float>(frame.width);
  const float y = joint.y * static_cast<float>(frame.height);
  // What lies far outside would shrink the rest to a dot.
  if (!(std::abs(x) < 1e5f && std::abs(y) < 1e5f)) return std::nullopt;
  return PixelPoint{x, y};
}

View Around(const std::vector<Pose>& poses, FrameSize frame) {
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  for (const Pose& pose : poses) {
    for (const Keypoint& joint : pose) {
      const auto at = PixelOf(joint, frame);
      if (!at) continue;
      left = std::min<double>(left, at->x);
      right = std::max<double>(right, at->x);
      top = std::min<double>(top, at->y);
      bottom = std::max<double>(bottom, at->y);
    }
  }
  const double size = std::max({right - left, bottom - top, 1.0});
  const double inner = kSide - 2 * kMargin;
  return {(left + right) / 2 - size / 2, (top + bottom) / 2 - size / 2, inner / size};
}

Html Person(const Pose& pose, FrameSize frame, const View& view, const std::string& css_class) {
  Html person;
  for (const auto& [a, b] : kSkeleton) {
    const auto from = PixelOf(pose[a], frame);
    const auto to = PixelOf(pose[b], frame);
    if (!from || !to) continue;
    person += Element("line", {{"x1", view.X(from->x)},
                               {"y1", view.Y(from->y)},
                               {"x2", view.X(to->x)},
                               {"y2", view.Y(to->y)}});
  }
  for (const Joint wrist : {Joint::kLeftWrist, Joint::kRightWrist}) {
    const auto at = PixelOf(At(pose, wrist), frame);
    if (!at) continue;
    person += Element("circle", {{"cx", view.X(at->x)}, {"cy", view.Y(at->y)}, {"r", "4"}});
  }
  return Element("g", {{"class", css_class}}, {person});
}

}  // namespace

Html PoseDrawing(const std::vector<Pose>& poses, FrameSize frame, const std::string& description) {
  const View view = Around(poses, frame);
  Html people;
  for (size_t i = 0; i < poses.size(); ++i) {
    people += Person(poses[i], frame, view, i + 1 == poses.size() ? "person" : "person before");
  }
  return Element("svg",
                 {{"viewBox", absl::StrCat("0 0 ", kSide, " ", kSide)},
                  {"class", "pose"},
                  {"role", "img"},
                  {"aria-label", description}},
                 {people});
}

}  // namespace aislewatch::report
