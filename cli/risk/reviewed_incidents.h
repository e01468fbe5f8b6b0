// What staff said of incidents, as episodes to fit the risk's weights to.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aislewatch/v1/types.pb.h"
#include "common/risk/risk_weights.h"
#include "models/risk/episode.h"

namespace aislewatch {

/// What staff said of one camera's incidents of one kind.
struct ReviewedCamera {
  std::string camera_id;
  v1::IncidentKind kind = v1::INCIDENT_KIND_UNSPECIFIED;
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

/// Raises min_risk of the camera's own rules of that kind to `reviewed.min_risk`, and tells their
/// ids; rules that ask for as much already, and all else, stay. FAILED_PRECONDITION where the
/// camera has no such rule: those of the fusion service hold for it, and for others too. ABORTED
/// where somebody else changed the camera meanwhile. Blocks.
absl::StatusOr<std::vector<std::string>> ApplyMinRisk(const std::shared_ptr<grpc::Channel>& events,
                                                      const ReviewedCamera& reviewed);

}  // namespace aislewatch
