// What the cluster says of one frame.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// Where a frame's time went. Zero where it did not come to that part.
struct StageTimes {
  /// Capture to arrival in the pipeline.
  absl::Duration capture;
  /// Sent to answered.
  absl::Duration pose;
  absl::Duration classifier;
  absl::Duration fusion;
  /// Arrival in the pipeline to the verdict.
  absl::Duration total;
};

struct Verdict {
  Frame frame;
  /// OK; DEADLINE_EXCEEDED where the frame was dropped or expired; INVALID_ARGUMENT where it was
  /// refused. The rest is empty unless OK.
  absl::Status status;
  std::vector<ObservedPerson> people;
  ObjectLooks looks;
  /// In the order of people; empty where fusion was away.
  std::vector<TrackRisk> risks;
  /// In the outbox already.
  std::vector<Transition> transitions;
  /// On their way to the outbox: they are written after the verdict is told, which must not wait for them.
  std::vector<Visit> visits;
  /// Stages that were away: "pose", "classifier", "fusion".
  std::vector<std::string> degraded;
  StageTimes times;
};

}  // namespace aislewatch::ingest
