// What finds things in pictures, such as weapons in hands.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// A kind of thing that a detector knows.
struct ObjectClass {
  std::string name;
  /// Whether it is a reason for an alarm. Harmless look-alikes are classes of their own, so that a
  /// model learns what to tell weapons from.
  bool weapon = false;
};

struct DetectedObject {
  /// Index into ObjectDetector::classes().
  int class_index = 0;
  /// 0..1.
  float score = 0;
  /// In fractions of the picture, cut to it.
  NormalizedBox box;
};

/// Finds things in pictures.
///
/// Detect is called from one thread at a time and blocks for the time of the inference.
class ObjectDetector {
 public:
  virtual ~ObjectDetector() = default;
  /// `images`: 8-bit BGR pictures, each of its own size. Returns what each shows, best score first,
  /// doubtful things far below threshold() among it. INVALID_ARGUMENT names a picture that is empty
  /// or not 8-bit BGR; INTERNAL where the model fails.
  virtual absl::StatusOr<std::vector<std::vector<DetectedObject>>> Detect(
      absl::Span<const cv::Mat> images) = 0;
  virtual const std::vector<ObjectClass>& classes() const = 0;
  /// The score from which a detection is to be believed, as chosen on validation pictures.
  virtual float threshold() const = 0;
  virtual const ModelInfo& info() const = 0;
};

}  // namespace aislewatch
