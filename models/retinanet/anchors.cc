#include "models/retinanet/anchors.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::retinanet {
namespace {

constexpr float kFoundFrom = 0.5f;
constexpr float kBackgroundBelow = 0.4f;
constexpr float kIgnoredFrom = 0.5f;
/// log(1000 / 16), as in the authors' code.
constexpr float kMaxLogRatio = 4.135166556742356f;

}  // namespace

float SharedArea(const PixelBox& a, const PixelBox& b) {
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

float Overlap(const PixelBox& a, const PixelBox& b) {
  const float shared = SharedArea(a, b);
  const float both = a.area() + b.area() - shared;
  return both > 0 ? shared / both : 0;
}

std::vector<PixelBox> MakeAnchors(const Options& options) {
  std::vector<PixelBox> anchors;
  anchors.reserve(static_cast<size_t>(options.anchors()));
  for (int level = 0; level < options.levels; ++level) {
    const auto stride = static_cast<float>(options.stride(level));
    const float base = static_cast<float>(options.anchor_scale) * stride;
    for (int row = 0; row < options.cells(level); ++row) {
      for (int column = 0; column < options.cells(level); ++column) {
        const float x = (static_cast<float>(column) + 0.5f) * stride;
        const float y = (static_cast<float>(row) + 0.5f) * stride;
        for (int size = 0; size < 3; ++size) {
          const float side = base * std::exp2(static_cast<float>(size) / 3);
          for (const float ratio : {0.5f, 1.0f, 2.0f}) {
            const float half_width = side / std::sqrt(ratio) / 2;
            const float half_height = side * std::sqrt(ratio) / 2;
            anchors.push_back({x - half_width, y - half_height, x + half_width, y + half_height});
          }
        }
      }
    }
  }
  return anchors;
}

BoxCode EncodeBox(const PixelBox& anchor, const PixelBox& box) {
  const float x = (box.left + box.right - anchor.left - anchor.right) / 2;
  const float y = (box.top + box.bottom - anchor.top - anchor.bottom) / 2;
  return {x / anchor.width(), y / anchor.height(), std::log(box.width() / anchor.width()),
          std::log(box.height() / anchor.height())};
}

PixelBox DecodeBox(const PixelBox& anchor, const BoxCode& code) {
  const float x = (anchor.left + anchor.right) / 2 + code[0] * anchor.width();
  const float y = (anchor.top + anchor.bottom) / 2 + code[1] * anchor.height();
  const float half_width = anchor.width() * std::exp(std::min(code[2], kMaxLogRatio)) / 2;
  const float half_height = anchor.height() * std::exp(std::min(code[3], kMaxLogRatio)) / 2;
  return {x - half_width, y - half_height, x + half_width, y + half_height};
}

std::vector<int> AssignAnchors(absl::Span<const PixelBox> anchors, absl::Span<const PixelBox> boxes,
                               absl::Span<const PixelBox> ignored) {
  std::vector<int> assigned(anchors.size(), kBackground);
  std::vector<float> best_of_anchor(anchors.size(), 0);
  for (size_t b = 0; b < boxes.size(); ++b) {
    for (size_t a = 0; a < anchors.size(); ++a) {
      const float overlap = Overlap(anchors[a], boxes[b]);
      if (overlap <= best_of_anchor[a]) continue;
      best_of_anchor[a] = overlap;
      assigned[a] = overlap >= kFoundFrom         ? static_cast<int>(b)
                    : overlap >= kBackgroundBelow ? kIgnored
                                                  : kBackground;
    }
  }
  for (size_t b = 0; b < boxes.size(); ++b) {
    const auto index = static_cast<int>(b);
    if (std::find(assigned.begin(), assigned.end(), index) != assigned.end()) continue;
    float best = 0;
    for (const PixelBox& anchor : anchors) best = std::max(best, Overlap(anchor, boxes[b]));
    if (best <= 0) continue;
    for (size_t a = 0; a < anchors.size(); ++a) {
      // Rounding must not choose among anchors that fit alike.
      if (Overlap(anchors[a], boxes[b]) >= best * 0.9999f && assigned[a] < 0) assigned[a] = index;
    }
  }
  for (const PixelBox& region : ignored) {
    for (size_t a = 0; a < anchors.size(); ++a) {
      if (assigned[a] != kBackground) continue;
      if (SharedArea(anchors[a], region) >= kIgnoredFrom * anchors[a].area()) {
        assigned[a] = kIgnored;
      }
    }
  }
  return assigned;
}

}  // namespace aislewatch::retinanet
