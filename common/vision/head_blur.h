// Makes heads unrecognisable before a picture is stored.
//
// Stateless and thread-safe.
#pragma once

#include <optional>

#include <opencv2/core/mat.hpp>

#include "absl/types/span.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// Where a head is, in pixels of the frame.
struct HeadCircle {
  float x = 0;
  float y = 0;
  float radius = 0;
};

/// The head of a person: around the seen joints of the face, sized by the largest of what the ears,
/// the shoulders and the box suggest; above the shoulders where no face is seen; else the top of
/// the box. Rather too large than too small. Nothing for an empty or absurd box and no joints.
std::optional<HeadCircle> FindHead(const DetectedPerson& person, FrameSize frame);

/// Replaces every head in `frame` (8-bit BGR) by blocks of at least a quarter of its radius, from
/// whose averages nobody can be recognised (a Gaussian blur can be undone in part).
void BlurHeads(cv::Mat& frame, absl::Span<const TrackedPerson> people);

/// The same for the whole picture, where nobody knows where the heads are.
void BlurEverything(cv::Mat& frame);

}  // namespace aislewatch
