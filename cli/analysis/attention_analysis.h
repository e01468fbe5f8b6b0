// A simulated corridor with shops through a cluster, its visits to zones scored against what people
// did.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/attention_scoring.h"
#include "simulator/tracking_score.h"

namespace aislewatch {

struct AttentionAnalysisOptions {
  uint64_t seed = 4'000'000;
  absl::Duration duration = absl::Minutes(2);
  double people_per_minute = 12;
};

struct AttentionAnalysis {
  simulator::AttentionScores scores;
  simulator::TrackingScore tracking;
};

/// How well the cluster does on one simulated corridor, whose zones are those of the truth. After
/// the footage the camera shows nothing for a while, so that every visit ends. Blocks; `progress`
/// gets 0..1.
absl::StatusOr<AttentionAnalysis> AnalyzeAttention(const std::shared_ptr<grpc::Channel>& ingest,
                                                   const AttentionAnalysisOptions& options,
                                                   const std::function<void(double)>& progress);

}  // namespace aislewatch
