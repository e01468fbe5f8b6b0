#include "cli/analysis/attention_analysis.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/analysis/simulated_analysis.h"
#include "cli/analysis/video_analysis.h"
#include "cli/clips/run_stage.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/scene/proto_scene.h"
#include "simulator/scoring.h"
#include "simulator/simulation.h"
#include "simulator/true_poses.h"

namespace aislewatch {
namespace {

// Longer than a visit outlasts the person (docs/insights.md).
constexpr int kSecondsOfNothing = 12;
// Some moment: fusion knows no other time than that of the frames.
const absl::Time kTrueStart = absl::FromUnixSeconds(1700000000);

std::vector<simulator::FoundVisit> FoundVisits(absl::Span<const v1::ZoneVisit> visits,
                                               const std::function<uint64_t(uint64_t)>& person_of) {
  std::vector<simulator::FoundVisit> found;
  for (const v1::ZoneVisit& visit : visits) {
    found.push_back({person_of(visit.track_id()), visit.zone_id(),
                     absl::ToDoubleSeconds(FromProto(visit.looking_time())),
                     absl::ToDoubleSeconds(FromProto(visit.dwell())), visit.looked(),
                     visit.entered(), visit.looked_before_entering()});
  }
  return found;
}

absl::StatusOr<simulator::SimulationOptions> CorridorOptions(
    const AttentionAnalysisOptions& options) {
  AW_ASSIGN_OR_RETURN(const simulator::Scenario scenario, simulator::FindScenario("storefront"));
  simulator::SimulationOptions simulated;
  simulated.seed = options.seed;
  simulated.duration = options.duration;
  simulated.people_per_minute = options.people_per_minute;
  simulated.mix = scenario.mix;
  simulated.storefronts = scenario.storefronts;
  return simulated;
}

// Matches tracks with people and keeps the visits that the cluster tells.
class VisitFollower {
 public:
  void Rendered(simulator::TruthFrame truth) { truths_.push_back(std::move(truth)); }

  void Analysed(const AnalysedFrame& frame) {
    for (const v1::ZoneVisit& visit : frame.verdict.visits()) visits_.push_back(visit);
    // Frames that were dropped have a truth, too.
    const double time_s = absl::ToDoubleSeconds(frame.time);
    while (!truths_.empty() && truths_.front().time_s < time_s - 1e-3) truths_.pop_front();
    if (truths_.empty()) return;
    std::vector<TrackedPerson> people;
    for (const auto& observed : frame.verdict.people()) {
      if (auto person = FromProto(observed.person()); person.ok()) people.push_back(*person);
    }
    matcher_.Observe(truths_.front(), people);
    tracking_.Observe(truths_.front(), people);
  }

  std::vector<simulator::FoundVisit> Found() const {
    return FoundVisits(visits_,
                       [this](uint64_t track) { return matcher_.PersonOf(track).value_or(0); });
  }
  const std::vector<v1::ZoneVisit>& Told() const { return visits_; }
  simulator::TrackingScore Tracking() const { return tracking_.Score(); }

 private:
  std::deque<simulator::TruthFrame> truths_;
  simulator::TrackMatcher matcher_;
  simulator::TrackingScorer tracking_;
  std::vector<v1::ZoneVisit> visits_;
};

}  // namespace

std::string CorridorCamera(uint64_t seed) { return absl::StrCat("corridor-", seed); }

absl::StatusOr<AttentionAnalysis> AnalyzeAttention(const std::shared_ptr<grpc::Channel>& ingest,
                                                   const AttentionAnalysisOptions& options,
                                                   const std::function<void(double)>& progress) {
  AW_ASSIGN_OR_RETURN(const simulator::SimulationOptions simulated, CorridorOptions(options));
  AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(simulated));
  VideoAnalysisOptions analysis;
  analysis.camera_id = CorridorCamera(options.seed);
  analysis.scene.zones = ZonesOf(simulation->scene());

  VisitFollower follower;
  int rendered = 0, nothing = 0;
  absl::Duration time;
  const auto next = [&]() -> absl::StatusOr<std::optional<TimedImage>> {
    auto frame = simulation->Next();
    if (!frame.has_value()) {
      if (nothing++ == kSecondsOfNothing) return std::nullopt;
      time += absl::Seconds(1);
      return TimedImage{time, cv::Mat::zeros(simulated.size.height, simulated.size.width, CV_8UC3)};
    }
    progress(static_cast<double>(++rendered) / simulation->frame_count());
    time = absl::Seconds(frame->truth.time_s);
    follower.Rendered(std::move(frame->truth));
    return TimedImage{time, std::move(frame->image)};
  };
  AW_RETURN_IF_ERROR(AnalyzeFrames(ingest, analysis, next, [&](const AnalysedFrame& frame) {
                       follower.Analysed(frame);
                     }).status());
  return AttentionAnalysis{simulator::ScoreAttention(simulation->visits(), follower.Found()),
                           follower.Tracking(), follower.Told()};
}

absl::StatusOr<AttentionAnalysis> AnalyzeTrueAttention(
    const std::shared_ptr<grpc::Channel>& fusion, const AttentionAnalysisOptions& options,
    float noise_px, const std::function<void(double)>& progress) {
  AW_ASSIGN_OR_RETURN(const simulator::SimulationOptions simulated, CorridorOptions(options));
  AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(simulated));
  simulator::TruePoses poses(noise_px, simulated.size, options.seed);
  v1::FusionStreamConfig config;
  config.mutable_identity()->set_camera_id(CorridorCamera(options.seed));
  config.mutable_identity()->set_store_id("analysis");
  for (const Zone& zone : ZonesOf(simulation->scene())) *config.add_zones() = ToProto(zone);
  const auto count = static_cast<size_t>(simulation->frame_count());
  const auto make = [&](size_t index) -> absl::StatusOr<v1::Observation> {
    progress(static_cast<double>(index + 1) / static_cast<double>(count));
    const auto frame = simulation->Next();
    if (!frame.has_value()) return absl::InternalError("the simulation ended before its time");
    v1::Observation observation;
    *observation.mutable_capture_time() = ToProto(kTrueStart + absl::Seconds(frame->truth.time_s));
    observation.set_frame_width(static_cast<uint32_t>(simulated.size.width));
    observation.set_frame_height(static_cast<uint32_t>(simulated.size.height));
    for (const TrackedPerson& person : poses.Of(frame->truth)) {
      *observation.add_people()->mutable_person() = ToProto(person);
    }
    observation.set_last(index + 1 == count);
    return observation;
  };
  AW_ASSIGN_OR_RETURN(const std::vector<v1::FusionResult> results,
                      RunStage<FusionStageTraits>(fusion, config, count, make));
  AttentionAnalysis analysis;
  for (const v1::FusionResult& result : results) {
    analysis.visits.insert(analysis.visits.end(), result.visits().begin(), result.visits().end());
  }
  analysis.scores = simulator::ScoreAttention(
      simulation->visits(), FoundVisits(analysis.visits, [](uint64_t track) { return track; }));
  return analysis;
}

}  // namespace aislewatch
