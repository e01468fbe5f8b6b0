// What people wear, by which the tracker tells apart two whom place and pose do not.
//
// Stateless and thread-safe.
#pragma once

#include <array>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "absl/types/span.h"
#include "common/vision/geometry.h"

namespace aislewatch::pose {

/// The colours of a person's trunk: two histograms, of brightness and of hue with saturation (Y and
/// Cr, Cb of ITU-R BT.601), each summing to 1.
struct Appearance {
  static constexpr int kBrightnessBins = 8;
  /// Along each of Cr and Cb.
  static constexpr int kColourBins = 8;

  /// False where the trunk was not seen by itself; the histograms are zero then.
  bool known = false;
  std::array<float, kBrightnessBins> brightness{};
  std::array<float, kColourBins * kColourBins> colour{};
};

/// How alike two appearances are, 0..1: the mean of both histograms' Bhattacharyya coefficients.
/// Negative where one of them is not known.
double AppearanceSimilarity(const Appearance& a, const Appearance& b);

/// Moves `kept` by `rate` (0..1) towards `seen`; takes it over where nothing is known yet, and
/// leaves `kept` alone where `seen` is not known.
void Blend(Appearance& kept, const Appearance& seen, float rate);

/// The appearance of each of the people found in `picture` (8-bit BGR, not empty), in their order.
/// Not known is that of a trunk which is smaller than some pixels, lies outside the picture, or is
/// covered by somebody nearer to the camera, whose feet are lower in the picture.
std::vector<Appearance> AppearancesOf(const cv::Mat& picture,
                                      absl::Span<const DetectedPerson> people);

}  // namespace aislewatch::pose
