// Where in a frame somebody's hands, and what they hold, are to be seen.
//
// Pure functions of plain values.
#pragma once

#include <opencv2/core/types.hpp>
#include <vector>

#include "common/vision/geometry.h"

namespace aislewatch {

/// Least confidence of a wrist to look at: guessed wrists of people seen from behind are still near
/// their hands.
inline constexpr float kLeastWristConfidence = 0.1f;

/// A body is about so many times as long as its trunk, from the shoulders to the hips.
inline constexpr float kTrunksOfBody = 3.2f;

/// The parts of a frame in which an object model looks for what a person holds, in pixels: for each
/// hand the square around it, 0.45 of the body wide, cut to the frame. None for a wrist whose
/// confidence is below kLeastWristConfidence, none that would be smaller than 32 pixels, in which
/// nothing in a hand can be told, and one for hands that are close together. Empty for boxes that
/// no person has.
///
/// The hand is taken to be a third of the forearm beyond the wrist. A body is as long as the longer
/// side of its box, or, where the picture ends at its thighs, kTrunksOfBody times its trunk. At
/// most two.
///
/// Cut and not filled up as CropPerson does: the networks have learnt from pictures that end.
std::vector<cv::Rect> HandRegions(const DetectedPerson& person, FrameSize frame);

}  // namespace aislewatch
