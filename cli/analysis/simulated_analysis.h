// A simulated store through a cluster, its incidents scored against what happened.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/analysis/video_analysis.h"
#include "simulator/scoring.h"
#include "simulator/tracking_score.h"

namespace aislewatch {

struct SimulatedAnalysisOptions {
  uint64_t seed = 3'000'000;
  absl::Duration duration = absl::Minutes(2);
  double people_per_minute = 6;
  /// One of simulator::Scenarios(), in a store.
  std::string scenario = "store";
  FrameSize size{640, 360};
  /// Risks at which incidents of a kind are judged besides, each by a rule of its own. They need a
  /// fusion service that joins incidents by rule: of joined ones only the first rule would be seen.
  std::map<IncidentKind, std::vector<float>> min_risks;
  /// Gets every frame with its verdict; may be empty.
  std::function<void(const AnalysedFrame&)> on_frame;
};

/// The zones of simulated footage as a camera's.
std::vector<Zone> ZonesOf(const simulator::SceneTruth& scene);

/// The name under which `kind` at `min_risk` is scored, such as "weapon-0.30".
std::string RuleAt(IncidentKind kind, float min_risk);

struct SimulationScores {
  /// By kind of incident ("concealment", ...) and by RuleAt.
  std::map<std::string, simulator::IncidentScores> incidents;
  simulator::TrackingScore tracking;
  /// What happened, and who the tracks were.
  std::vector<simulator::TruthIncident> acts;
  simulator::TrackMatcher people;
  std::vector<Zone> zones;
};

/// How well the cluster does on one simulated store. The camera's zones are those of the truth;
/// its rules those of the fusion service, loitering at the length that the truth counts from.
/// Weapons are found where the pose service has an object model. NOT_FOUND names the scenarios
/// that exist. Blocks; `progress` gets 0..1.
absl::StatusOr<SimulationScores> AnalyzeSimulation(
    const std::shared_ptr<grpc::Channel>& ingest, const SimulatedAnalysisOptions& options,
    const std::function<void(double)>& progress);

}  // namespace aislewatch
