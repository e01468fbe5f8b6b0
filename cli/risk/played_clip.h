// A recorded clip played to the cluster as if it were a camera of its own.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/types.pb.h"
#include "models/clip_training/clip_files.h"
#include "models/risk/episode.h"

namespace aislewatch {

struct PlayedClip {
  /// By the clip's folder: somebody hides an item, or fights.
  bool conceals = false;
  bool fights = false;
  /// From the first to the last analysed frame.
  absl::Duration length;
  /// Incidents that were opened, by kind.
  std::multiset<v1::IncidentKind> opened;
  /// What fusion knew of everybody.
  risk_training::Episode episode;
};

/// Plays `clip` under the rules of the fusion service. Blocks; errors are those of AnalyzeVideo.
absl::StatusOr<PlayedClip> PlayClip(const std::shared_ptr<grpc::Channel>& ingest,
                                    const clip_training::ClipFile& clip,
                                    const std::string& camera_id);

}  // namespace aislewatch
