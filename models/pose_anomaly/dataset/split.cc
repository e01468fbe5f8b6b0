#include "models/pose_anomaly/dataset/split.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace aislewatch::pose_anomaly {
namespace {

std::vector<const PoseClip*> RandomOrder(const std::vector<PoseClip>& clips, uint64_t seed) {
  std::vector<const PoseClip*> order;
  for (const PoseClip& clip : clips) order.push_back(&clip);
  std::mt19937_64 random(seed);
  Shuffle(order, random);
  return order;
}

}  // namespace

absl::StatusOr<ClipSplit> SplitClips(const std::vector<PoseClip>& clips, double held_back,
                                     uint64_t seed) {
  if (clips.size() < 2 || !(held_back > 0) || !(held_back < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot hold back ", held_back, " of ", clips.size(),
                     " clips; give two clips or more and a fraction between 0 and 1"));
  }
  const std::vector<const PoseClip*> order = RandomOrder(clips, seed);
  const double share = std::round(held_back * static_cast<double>(clips.size()));
  const size_t back = std::clamp<size_t>(static_cast<size_t>(share), 1, clips.size() - 1);
  ClipSplit split;
  split.held_back.assign(order.begin(), order.begin() + static_cast<ptrdiff_t>(back));
  split.fit.assign(order.begin() + static_cast<ptrdiff_t>(back), order.end());
  return split;
}

absl::StatusOr<std::vector<ClipSplit>> FoldClips(const std::vector<PoseClip>& clips, int folds,
                                                 uint64_t seed) {
  if (folds < 2 || clips.size() < static_cast<size_t>(folds)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot divide ", clips.size(), " clips by ",
                                                   folds, "; give more clips, or 2 parts or more"));
  }
  const std::vector<const PoseClip*> order = RandomOrder(clips, seed);
  std::vector<ClipSplit> splits(folds);
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t f = 0; f < splits.size(); ++f) {
      (i % splits.size() == f ? splits[f].held_back : splits[f].fit).push_back(order[i]);
    }
  }
  return splits;
}

}  // namespace aislewatch::pose_anomaly
