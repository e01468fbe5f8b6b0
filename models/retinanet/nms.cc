#include "models/retinanet/nms.h"

#include <algorithm>
#include <numeric>

namespace aislewatch::retinanet {

std::vector<size_t> SuppressWeaker(absl::Span<const Candidate> candidates, float iou,
                                   size_t limit) {
  std::vector<size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return candidates[a].score > candidates[b].score; });
  std::vector<size_t> kept;
  for (const size_t next : order) {
    if (kept.size() >= limit) break;
    const Candidate& candidate = candidates[next];
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](size_t k) {
      return candidates[k].class_index == candidate.class_index &&
             Overlap(candidates[k].box, candidate.box) > iou;
    });
    if (!covered) kept.push_back(next);
  }
  return kept;
}

}  // namespace aislewatch::retinanet
