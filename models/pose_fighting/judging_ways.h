// The ways to tell a fight in a clip, and what knows of none: each learns from clips, then judges
// others.
//
// Stateless and thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "models/pose_fighting/clip_poses.h"

namespace aislewatch::pose_fighting {

/// A probability of a fight, and when in the clip it was reached; no time where it is not about any
/// one moment.
struct ClipScore {
  ClipScore(float p = 0, std::optional<absl::Time> when = std::nullopt)
      : probability(p), at(when) {}

  float probability;
  std::optional<absl::Time> at;
};

/// From clips to learn from, and from a clip to judge, to the probability of a fight.
using Judge = std::function<ClipScore(const PosedClip&)>;
using Learn = std::function<absl::StatusOr<Judge>(const std::vector<const PosedClip*>&)>;
using Ways = std::vector<std::pair<std::string, Learn>>;

/// Whether a pair within reach, or anybody, was found for long enough.
inline bool IsPaired(const PosedClip& clip) { return !clip.pairs.empty(); }
inline bool IsSeen(const PosedClip& clip) { return IsPaired(clip) || !clip.lone.empty(); }

/// "poses", "pairs", then a "control: ..." for each of kControls and for all of them. Where the
/// movement of all `clips` was measured also a "movement: ..." for what it tells, and "poses and
/// ..." for both.
Ways WaysToJudge(const std::vector<PosedClip>& clips);

}  // namespace aislewatch::pose_fighting
