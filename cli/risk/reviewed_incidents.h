// What staff said of incidents, as episodes to fit the risk's weights to.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/risk/risk_weights.h"
#include "models/risk/episode.h"

namespace aislewatch {

/// What staff said of one camera's incidents of one kind.
struct ReviewedCamera {
  std::string camera_id;
  std::string kind;
  int confirmed = 0;
  int false_alarms = 0;
  /// The highest min_risk that keeps every confirmed incident, and how many false alarms it would
  /// have spared. As the default where nothing was confirmed.
  float min_risk = 0;
  int spared = 0;
};

struct ReviewedIncidents {
  /// One for each reviewed concealment or fight: the moment of its peak.
  std::vector<risk_training::Episode> episodes;
  std::vector<ReviewedCamera> cameras;
};

/// All that event storage has reviews of. `weights` are those that the incidents were raised with:
/// they tell how long a full dwell is. Blocks.
absl::StatusOr<ReviewedIncidents> ReadReviewedIncidents(
    const std::shared_ptr<grpc::Channel>& events, const RiskWeights& weights);

}  // namespace aislewatch
