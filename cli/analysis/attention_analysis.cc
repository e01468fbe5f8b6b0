#include "cli/analysis/attention_analysis.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/analysis/simulated_analysis.h"
#include "cli/analysis/video_analysis.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "simulator/scoring.h"
#include "simulator/simulation.h"

namespace aislewatch {
namespace {

// Longer than a visit outlasts the person (docs/insights.md).
constexpr int kSecondsOfNothing = 12;

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
    std::vector<simulator::FoundVisit> found;
    for (const v1::ZoneVisit& visit : visits_) {
      found.push_back({matcher_.PersonOf(visit.track_id()).value_or(0), visit.zone_id(),
                       absl::ToDoubleSeconds(FromProto(visit.looking_time())),
                       absl::ToDoubleSeconds(FromProto(visit.dwell())), visit.looked(),
                       visit.entered(), visit.looked_before_entering()});
    }
    return found;
  }
  simulator::TrackingScore Tracking() const { return tracking_.Score(); }

 private:
  std::deque<simulator::TruthFrame> truths_;
  simulator::TrackMatcher matcher_;
  simulator::TrackingScorer tracking_;
  std::vector<v1::ZoneVisit> visits_;
};

}  // namespace

absl::StatusOr<AttentionAnalysis> AnalyzeAttention(const std::shared_ptr<grpc::Channel>& ingest,
                                                   const AttentionAnalysisOptions& options,
                                                   const std::function<void(double)>& progress) {
  AW_ASSIGN_OR_RETURN(const simulator::Scenario scenario, simulator::FindScenario("storefront"));
  simulator::SimulationOptions simulated;
  simulated.seed = options.seed;
  simulated.duration = options.duration;
  simulated.people_per_minute = options.people_per_minute;
  simulated.mix = scenario.mix;
  simulated.storefronts = scenario.storefronts;
  AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(simulated));
  VideoAnalysisOptions analysis;
  analysis.camera_id = absl::StrCat("corridor-", options.seed);
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
                           follower.Tracking()};
}

}  // namespace aislewatch
