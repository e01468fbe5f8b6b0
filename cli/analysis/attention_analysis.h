// A simulated corridor with shops through a cluster, or through fusion alone, its visits to zones
// scored against what people did.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/types.pb.h"
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
  /// Zero where nothing is tracked.
  simulator::TrackingScore tracking;
  /// As they were told.
  std::vector<v1::ZoneVisit> visits;
};

/// The camera of the corridor of a seed.
std::string CorridorCamera(uint64_t seed);

/// How well the cluster does on one simulated corridor, whose zones are those of the truth. After
/// the footage the camera shows nothing for a while, so that every visit ends. Blocks; `progress`
/// gets 0..1.
absl::StatusOr<AttentionAnalysis> AnalyzeAttention(const std::shared_ptr<grpc::Channel>& ingest,
                                                   const AttentionAnalysisOptions& options,
                                                   const std::function<void(double)>& progress);

/// How well the fusion service does on the same corridor when it is told who is where without a
/// fault: tracks and joints of the truth, those that can be seen moved by noise of `noise_px`
/// pixels of 640x360. The same options give the same figures. Blocks; `progress` as above.
absl::StatusOr<AttentionAnalysis> AnalyzeTrueAttention(const std::shared_ptr<grpc::Channel>& fusion,
                                                       const AttentionAnalysisOptions& options,
                                                       float noise_px,
                                                       const std::function<void(double)>& progress);

}  // namespace aislewatch
