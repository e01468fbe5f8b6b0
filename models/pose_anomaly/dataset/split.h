// Dividing clips into those to fit to and those to hold back.
//
// Stateless and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "models/pose_anomaly/dataset/poselift.h"

namespace aislewatch::pose_anomaly {

/// Pointers into the clips that were split.
struct ClipSplit {
  std::vector<const PoseClip*> fit;
  std::vector<const PoseClip*> held_back;
};

/// Holds back the fraction `held_back` of the clips, at least one, drawn by `seed`. By clip, since
/// poses of one clip resemble each other. `clips` must outlive the result. INVALID_ARGUMENT where
/// there are fewer than two clips or the fraction is not within 0..1.
absl::StatusOr<ClipSplit> SplitClips(const std::vector<PoseClip>& clips, double held_back,
                                     uint64_t seed);

/// `folds` splits that divide the clips among them: each clip is held back once, as equally as the
/// number allows, drawn by `seed`. `clips` must outlive the result. INVALID_ARGUMENT where there
/// are fewer than two folds or fewer clips than folds.
absl::StatusOr<std::vector<ClipSplit>> FoldClips(const std::vector<PoseClip>& clips, int folds,
                                                 uint64_t seed);

/// Fisher-Yates; the same order on every standard library, which std::shuffle does not promise.
template <typename T>
void Shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

}  // namespace aislewatch::pose_anomaly
