// Anchors, how boxes are written relative to them, and which anchor has to find which box.
//
// Plain values and pure functions; no LibTorch.
#pragma once

#include <array>
#include <vector>

#include "absl/types/span.h"
#include "models/retinanet/options.h"

namespace aislewatch::retinanet {

/// Corners in pixels of the network's input.
struct PixelBox {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;

  float width() const { return right - left; }
  float height() const { return bottom - top; }
  float area() const { return width() > 0 && height() > 0 ? width() * height() : 0; }
};

/// What two boxes share, in square pixels.
float SharedArea(const PixelBox& a, const PixelBox& b);

/// Intersection over union, 0..1; 0 for empty boxes.
float Overlap(const PixelBox& a, const PixelBox& b);

/// All anchors, options.anchors() of them, in the order of the network's outputs: by level, row,
/// column, then size (1, 2^(1/3), 2^(2/3) times the level's base), then shape (height over width
/// 1/2, 1, 2, of the same area).
std::vector<PixelBox> MakeAnchors(const Options& options);

/// A box relative to an anchor (Girshick et al. 2014, arXiv 1311.2524): the centre's offset in
/// sides of the anchor, and the logarithms of the ratios of widths and heights.
using BoxCode = std::array<float, 4>;

/// `anchor` and `box` must not be empty.
BoxCode EncodeBox(const PixelBox& anchor, const PixelBox& box);

/// The inverse of EncodeBox. Sides are limited to 62.5 anchors (as published), so that no code,
/// however wild, overflows.
PixelBox DecodeBox(const PixelBox& anchor, const BoxCode& code);

/// What an anchor shall learn.
inline constexpr int kBackground = -1;
inline constexpr int kIgnored = -2;

/// For each anchor the index of the box in `boxes` that it must find, kBackground, or kIgnored.
/// It must find the box with which it overlaps most where that is 0.5 or more, and is background
/// below 0.4 (arXiv 1708.02002). A box that no anchor overlaps by 0.5 goes to those that overlap it
/// most, or small things would never be learnt. Anchors that lie by half in one of `ignored` and
/// have no box teach nothing.
std::vector<int> AssignAnchors(absl::Span<const PixelBox> anchors, absl::Span<const PixelBox> boxes,
                               absl::Span<const PixelBox> ignored);

}  // namespace aislewatch::retinanet
