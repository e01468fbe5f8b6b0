// Dropping the weaker of boxes that show one thing.
//
// Pure functions; no LibTorch.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "models/retinanet/anchors.h"

namespace aislewatch::retinanet {

/// A box that may show a thing.
struct Candidate {
  PixelBox box;
  int class_index = 0;
  float score = 0;
};

/// Greedy non-maximum suppression per class: best score first, a candidate that overlaps one that
/// was kept of the same class by more than `iou` is dropped. Returns at most `limit` indices into
/// `candidates`, best score first; of equal scores the lower index.
std::vector<size_t> SuppressWeaker(absl::Span<const Candidate> candidates, float iou, size_t limit);

}  // namespace aislewatch::retinanet
