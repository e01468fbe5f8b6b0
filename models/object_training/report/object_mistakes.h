// What a detector saw where it is not, and what it did not see, worst first.
//
// Stateless and thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "models/object_training/detection_metrics.h"

namespace aislewatch::object_training {

struct FalseDetection {
  size_t picture = 0;
  DetectedObject object;
};

struct MissedBox {
  /// Indices of the picture and of its labelled box.
  size_t picture = 0;
  size_t box = 0;
  /// Of the surest detection of its class on it, all below the threshold; 0 where there is none.
  float best_score = 0;
};

struct ObjectMistakes {
  /// The surest of each picture, surest first.
  std::vector<FalseDetection> false_alarms;
  /// The one with the lowest best_score of each picture, of equals the largest; lowest first.
  std::vector<MissedBox> misses;
};

/// Mistakes from `threshold` on, of weapons, or of all classes where none is one.
ObjectMistakes FindMistakes(const std::vector<ObjectClass>& classes,
                            absl::Span<const JudgedPicture> judged, double threshold);

}  // namespace aislewatch::object_training
