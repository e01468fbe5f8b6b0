#include "cli/analysis/simulated_analysis.h"

#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "simulator/simulation.h"

namespace aislewatch {
namespace {

using simulator::ActKind;

struct OpenedIncident {
  v1::IncidentKind kind;
  std::string rule_id;
  double opened_s;
  std::vector<uint64_t> track_ids;
};

// What the simulator writes down, as incidents are named; nothing for kinds that it does not act.
std::optional<ActKind> ToActKind(v1::IncidentKind kind) {
  switch (kind) {
    case v1::INCIDENT_KIND_CONCEALMENT:
      return ActKind::kConcealment;
    case v1::INCIDENT_KIND_LOITERING:
      return ActKind::kLoitering;
    case v1::INCIDENT_KIND_RESTRICTED_ZONE:
      return ActKind::kRestrictedZone;
    case v1::INCIDENT_KIND_FIGHT:
      return ActKind::kFight;
    case v1::INCIDENT_KIND_WEAPON:
      return ActKind::kWeapon;
    default:
      return std::nullopt;
  }
}

IncidentKind RuleKind(ActKind kind) {
  switch (kind) {
    case ActKind::kConcealment:
      return IncidentKind::kConcealment;
    case ActKind::kLoitering:
      return IncidentKind::kLoitering;
    case ActKind::kRestrictedZone:
      return IncidentKind::kRestrictedZone;
    case ActKind::kFight:
      return IncidentKind::kFight;
    case ActKind::kWeapon:
      return IncidentKind::kWeapon;
  }
  return IncidentKind::kConcealment;
}

// Follows one simulation: matches tracks with people, and keeps each incident as it opened, with
// the tracks that it had in the end.
class Follower {
 public:
  void Rendered(simulator::TruthFrame truth) { truths_.push_back(std::move(truth)); }

  void Analysed(const AnalysedFrame& frame) {
    // Frames that were dropped have a truth, too.
    while (!truths_.empty() && truths_.front().time_s < absl::ToDoubleSeconds(frame.time) - 1e-3) {
      truths_.pop_front();
    }
    std::vector<TrackedPerson> people;
    for (const auto& observed : frame.verdict.people()) {
      if (auto person = FromProto(observed.person()); person.ok()) people.push_back(*person);
    }
    if (!truths_.empty()) {
      matcher_.Observe(truths_.front(), people);
      tracking_.Observe(truths_.front(), people);
    }
    for (const auto& transition : frame.verdict.transitions()) {
      const v1::Incident& incident = transition.incident();
      OpenedIncident& opened = incidents_[incident.incident_id()];
      if (transition.kind() == v1::TRANSITION_KIND_OPENED) {
        opened.opened_s = absl::ToDoubleSeconds(frame.time);
      }
      opened.kind = incident.kind();
      if (incident.rule_ids_size() > 0) opened.rule_id = incident.rule_ids(0);
      opened.track_ids.clear();
      for (const auto& track : incident.tracks()) opened.track_ids.push_back(track.track_id());
    }
  }

  simulator::TrackingScore Tracking() const { return tracking_.Score(); }
  const simulator::TrackMatcher& people() const { return matcher_; }

  // All but those of the rules that are scored apart; or those of one such rule.
  std::vector<simulator::FoundIncident> Found(
      const std::map<std::string, IncidentKind>& apart) const {
    return Select([&](const std::string& rule) { return !apart.contains(rule); });
  }
  std::vector<simulator::FoundIncident> FoundBy(const std::string& rule_id) const {
    return Select([&](const std::string& rule) { return rule == rule_id; });
  }

 private:
  template <typename Wanted>
  std::vector<simulator::FoundIncident> Select(const Wanted& wanted) const {
    std::vector<simulator::FoundIncident> found;
    for (const auto& [id, incident] : incidents_) {
      const auto kind = ToActKind(incident.kind);
      if (!kind.has_value() || !wanted(incident.rule_id)) continue;
      found.push_back({*kind, incident.opened_s, matcher_.PeopleOf(incident.track_ids)});
    }
    return found;
  }

  std::deque<simulator::TruthFrame> truths_;
  simulator::TrackMatcher matcher_;
  simulator::TrackingScorer tracking_;
  std::map<std::string, OpenedIncident> incidents_;
};

}  // namespace

std::vector<Zone> ZonesOf(const simulator::SceneTruth& scene) {
  std::vector<Zone> zones;
  for (const simulator::TruthZone& truth : scene.zones) {
    Zone zone;
    zone.id = truth.id;
    for (size_t i = 0; i < kZoneKindNames.size(); ++i) {
      if (truth.kind == kZoneKindNames[i]) zone.kind = static_cast<ZoneKind>(i);
    }
    zone.polygon = truth.polygon;
    zones.push_back(std::move(zone));
  }
  return zones;
}

std::string RuleAt(IncidentKind kind, float min_risk) {
  return absl::StrFormat("%s-%.2f", Name(kind), min_risk);
}

absl::StatusOr<SimulationScores> AnalyzeSimulation(
    const std::shared_ptr<grpc::Channel>& ingest, const SimulatedAnalysisOptions& options,
    const std::function<void(double)>& progress) {
  AW_ASSIGN_OR_RETURN(const simulator::Scenario scenario,
                      simulator::FindScenario(options.scenario));
  simulator::SimulationOptions simulated;
  simulated.seed = options.seed;
  simulated.duration = options.duration;
  simulated.size = options.size;
  simulated.mix = scenario.mix;
  simulated.storefronts = scenario.storefronts;
  simulated.people_per_minute = options.people_per_minute;
  AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(simulated));
  VideoAnalysisOptions analysis;
  analysis.camera_id = absl::StrCat("simulated-", options.seed);
  analysis.scene.zones = ZonesOf(simulation->scene());
  // The default rules by kind; loitering at the length that the simulator counts from.
  for (const ActKind act : simulator::kActKinds) {
    Rule rule = DefaultRule(RuleKind(act));
    rule.id = std::string(simulator::ActName(act));
    if (act == ActKind::kLoitering) rule.min_duration = simulated.loiter;
    analysis.scene.rules.push_back(std::move(rule));
  }
  std::map<std::string, IncidentKind> apart;
  for (const auto& [kind, min_risks] : options.min_risks) {
    for (const float min_risk : min_risks) {
      Rule rule = DefaultRule(kind);
      rule.id = RuleAt(kind, min_risk);
      rule.min_risk = min_risk;
      apart.emplace(rule.id, kind);
      analysis.scene.rules.push_back(std::move(rule));
    }
  }

  Follower follower;
  int rendered = 0;
  const auto next = [&]() -> absl::StatusOr<std::optional<TimedImage>> {
    auto frame = simulation->Next();
    if (!frame.has_value()) return std::nullopt;
    progress(static_cast<double>(++rendered) / simulation->frame_count());
    const absl::Duration time = absl::Seconds(frame->truth.time_s);
    follower.Rendered(std::move(frame->truth));
    return TimedImage{time, std::move(frame->image)};
  };
  AW_RETURN_IF_ERROR(AnalyzeFrames(ingest, analysis, next, [&](const AnalysedFrame& frame) {
                       follower.Analysed(frame);
                       if (options.on_frame) options.on_frame(frame);
                     }).status());
  const auto found = follower.Found(apart);
  SimulationScores scores;
  scores.tracking = follower.Tracking();
  scores.acts = simulation->incidents();
  scores.people = follower.people();
  scores.zones = analysis.scene.zones;
  for (const ActKind act : simulator::kActKinds) {
    const ActKind acts[] = {act};
    scores.incidents[std::string(simulator::ActName(act))] =
        simulator::ScoreIncidents(simulation->incidents(), found, {}, acts);
    for (const auto& [rule, kind] : apart) {
      if (kind != RuleKind(act)) continue;
      scores.incidents[rule] =
          simulator::ScoreIncidents(simulation->incidents(), follower.FoundBy(rule), {}, acts);
    }
  }
  return scores;
}

}  // namespace aislewatch
