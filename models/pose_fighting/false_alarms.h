// How often footage in which nobody fights would be taken for a fight.
//
// Stateless and thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "models/pose_fighting/clip_poses.h"

namespace aislewatch::pose_fighting {

/// A video, cut into clips as long as those that are learnt from, one a second, so that each
/// overlaps the next.
struct OrdinaryVideo {
  absl::Duration length;
  std::vector<PosedClip> looks;
};

/// `frames` and `people` as for FollowClip, whose movement is measured too. Blocks for the flow.
OrdinaryVideo CutVideo(const clip_training::ClipFile& video, absl::Span<const CapturedFrame> frames,
                       const clip_training::PeopleByFrame& people);

/// One way to judge.
struct FalseAlarms {
  std::string name;
  /// Looks with a probability of 0.5 and more.
  int looks = 0;
  /// The same, those within ten seconds of each other taken as one.
  int alarms = 0;
};

struct OrdinaryFigures {
  int videos = 0;
  int looks = 0;
  absl::Duration length;
  std::vector<FalseAlarms> ways;
};

/// Fits each way but the controls to all of `clips`, and judges every look of `videos` by it.
absl::StatusOr<OrdinaryFigures> CountFalseAlarms(const std::vector<PosedClip>& clips,
                                                 const std::vector<OrdinaryVideo>& videos);

nlohmann::json OrdinaryFiguresToJson(const OrdinaryFigures& figures);

}  // namespace aislewatch::pose_fighting
