#include "cli/risk/simulated_episodes.h"

#include <algorithm>
#include <set>
#include <utility>

namespace aislewatch {
namespace {

using risk_training::Episode;
using risk_training::Moment;
using risk_training::TrackMoments;
using simulator::ActKind;
using simulator::TruthIncident;

constexpr double kBefore = 0.5;
constexpr double kWanted = 2;
constexpr double kAfter = 5;

bool IsWithin(const Moment& moment, double from, double to) {
  const double time = absl::ToDoubleSeconds(moment.time);
  return time >= from && time <= to;
}

bool IsRiskAct(const TruthIncident& act) {
  return act.kind == ActKind::kConcealment || act.kind == ActKind::kFight;
}

Episode ActEpisode(const TruthIncident& act, const MomentLog& log,
                   const simulator::TrackMatcher& people) {
  Episode episode;
  episode.conceals = act.kind == ActKind::kConcealment;
  episode.fights = act.kind == ActKind::kFight;
  const std::set<uint64_t> actors(act.person_ids.begin(), act.person_ids.end());
  for (const auto& [id, track] : log.tracks()) {
    const auto person = people.PersonOf(id);
    if (!person || !actors.contains(*person)) continue;
    TrackMoments moments;
    for (const Moment& moment : track) {
      if (IsWithin(moment, act.start_s - kBefore, act.end_s + kWanted)) moments.push_back(moment);
    }
    if (!moments.empty()) episode.tracks.push_back(std::move(moments));
  }
  return episode;
}

// A track without its person's acts; several pieces where acts lie between.
std::vector<TrackMoments> Uneventful(const TrackMoments& track,
                                     const std::vector<TruthIncident>& acts,
                                     std::optional<uint64_t> person) {
  std::vector<TrackMoments> pieces(1);
  for (const Moment& moment : track) {
    const bool eventful = std::any_of(acts.begin(), acts.end(), [&](const TruthIncident& act) {
      return IsRiskAct(act) && person &&
             std::count(act.person_ids.begin(), act.person_ids.end(), *person) > 0 &&
             IsWithin(moment, act.start_s - kBefore, act.end_s + kAfter);
    });
    if (!eventful) {
      pieces.back().push_back(moment);
    } else if (!pieces.back().empty()) {
      pieces.emplace_back();
    }
  }
  if (pieces.back().empty()) pieces.pop_back();
  return pieces;
}

}  // namespace

std::vector<Episode> SimulatedEpisodes(const MomentLog& log, const SimulationScores& scores,
                                       const std::string& group) {
  std::vector<Episode> episodes;
  for (const TruthIncident& act : scores.acts) {
    if (act.complete && IsRiskAct(act)) episodes.push_back(ActEpisode(act, log, scores.people));
  }
  for (const auto& [id, track] : log.tracks()) {
    for (TrackMoments& piece : Uneventful(track, scores.acts, scores.people.PersonOf(id))) {
      Episode episode;
      episode.conceals = episode.fights = false;
      episode.tracks.push_back(std::move(piece));
      episodes.push_back(std::move(episode));
    }
  }
  for (Episode& episode : episodes) {
    episode.source = "simulator";
    episode.group = group;
  }
  return episodes;
}

}  // namespace aislewatch
