// From the output of Ultralytics' pose networks to people, without LibTorch.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// Rows of the output per candidate: box middle x, y, width, height, score, then 17 times x, y,
/// confidence.
inline constexpr int kYoloPoseRows = 5 + 3 * kJointCount;

struct YoloPoseDecoderOptions {
  /// Candidates below are left out, 0..1.
  float min_score = 0.25f;
  /// Of two boxes that overlap more (intersection over union), the worse one is left out, 0..1.
  float max_overlap = 0.7f;
  /// Bound on the people of one picture, >= 1.
  int max_people = 64;
};

/// `output` `[56, candidates]` row-major, as one picture's part of the exported `[B, 56, N]`:
/// lengths in pixels of `input`, scores already probabilities. Returns the people that survive
/// the non-maximum suppression, best score first, in fractions of the input. INVALID_ARGUMENT
/// where the size is no multiple of 56; candidates that are not finite are left out. Thread-safe.
absl::StatusOr<std::vector<DetectedPerson>> DecodeYoloPose(absl::Span<const float> output,
                                                           FrameSize input,
                                                           const YoloPoseDecoderOptions& options);

}  // namespace aislewatch
