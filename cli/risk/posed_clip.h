// Recorded poses shown to the stages behind the pose service, as if it had found them.
#pragma once

#include <set>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/types.pb.h"
#include "cli/clips/cluster_clips.h"
#include "models/pose_anomaly/dataset/poselift.h"

namespace aislewatch {

struct PlayedPoses {
  absl::Duration length;
  /// Incidents that were opened, by kind.
  std::multiset<v1::IncidentKind> opened;
};

/// Plays a clip's poses to fusion, under its own rules and without zones. With `classify` the
/// classifier sees them first: one that needs no picture, since there is none; crops are grey.
/// Without, fusion is told that the classifier is away. Blocks.
absl::StatusOr<PlayedPoses> PlayPoses(ClipCluster& cluster, const pose_anomaly::PoseClip& clip,
                                      bool classify);

}  // namespace aislewatch
