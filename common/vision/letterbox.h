// Fitting pictures of any size into a network's input without changing their shape.
//
// Stateless and thread-safe.
#pragma once

#include <opencv2/core/mat.hpp>

#include "common/vision/geometry.h"

namespace aislewatch {

/// How a picture lies in a network's input: scaled alike in both directions, centred, with bars.
struct Letterbox {
  FrameSize source;
  FrameSize target;
  /// Size of the scaled picture in the target, each side 1..target's.
  FrameSize content;
  /// Width of the bars left of and above the content, in pixels of the target.
  int left = 0;
  int top = 0;
};

/// The largest fit of `source` in `target`; all sides >= 1.
Letterbox FitLetterbox(FrameSize source, FrameSize target);

/// The input for pictures of `source`: its longer side is `long_side`, its shorter one follows the
/// picture's shape, rounded up to a multiple of `multiple`. 1280x720 with 448 and 32: 448x256.
FrameSize InputSizeFor(FrameSize source, int long_side, int multiple);

/// The target's picture: `image` (8-bit BGR of the source's size) scaled into place, bars in
/// `fill`. Averages pixels where it shrinks below half, so that thin limbs survive.
cv::Mat ApplyLetterbox(const cv::Mat& image, const Letterbox& letterbox, const cv::Scalar& fill);

/// A point in fractions of the target as fractions of the source; outside 0..1 on the bars.
NormalizedPoint ToSource(const Letterbox& letterbox, NormalizedPoint in_target);

/// The same for a box.
NormalizedBox ToSource(const Letterbox& letterbox, const NormalizedBox& in_target);

/// A person whose box and keypoints are fractions of the target, in fractions of the source. The
/// box is cut to the picture; keypoints are not, since a hand may really be outside.
DetectedPerson ToSource(const Letterbox& letterbox, const DetectedPerson& in_target);

}  // namespace aislewatch
