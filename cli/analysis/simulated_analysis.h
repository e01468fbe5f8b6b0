// A simulated store through a cluster, its incidents scored against what happened.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/analysis/video_analysis.h"
#include "simulator/scoring.h"

namespace aislewatch {

struct SimulatedAnalysisOptions {
  uint64_t seed = 3'000'000;
  absl::Duration duration = absl::Minutes(2);
  double people_per_minute = 6;
};

/// Scores by kind of incident ("concealment", ...). The camera's zones are those of the truth;
/// its rules those of the fusion service, loitering at the length that the truth counts from.
/// Blocks; `progress` gets 0..1.
absl::StatusOr<std::map<std::string, simulator::IncidentScores>> AnalyzeSimulation(
    const std::shared_ptr<grpc::Channel>& ingest, const SimulatedAnalysisOptions& options,
    const std::function<void(double)>& progress);

}  // namespace aislewatch
