#include "simulator/scoring.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::simulator {
namespace {

bool SharesPerson(const TruthIncident& act, const FoundIncident& found) {
  return std::any_of(found.person_ids.begin(), found.person_ids.end(), [&](uint64_t id) {
    return std::find(act.person_ids.begin(), act.person_ids.end(), id) != act.person_ids.end();
  });
}

bool Fits(const TruthIncident& act, const FoundIncident& found, const ScoringTolerance& tolerance) {
  return act.kind == found.kind && found.opened_s >= act.start_s - tolerance.early_s &&
         found.opened_s <= act.end_s + tolerance.late_s && SharesPerson(act, found);
}

// Maximum bipartite matching by augmenting paths (Kuhn). Both sides are small.
class Matching {
 public:
  Matching(size_t acts, size_t found) : options_(acts), act_of_(found) {}

  void Allow(size_t act, size_t found) { options_[act].push_back(found); }

  bool Place(size_t act) {
    seen_.assign(act_of_.size(), false);
    return Augment(act);
  }

  std::optional<size_t> ActOf(size_t found) const { return act_of_[found]; }

 private:
  bool Augment(size_t act) {
    for (const size_t found : options_[act]) {
      if (seen_[found]) continue;
      seen_[found] = true;
      if (!act_of_[found].has_value() || Augment(*act_of_[found])) {
        act_of_[found] = act;
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<size_t>> options_;
  std::vector<std::optional<size_t>> act_of_;
  std::vector<bool> seen_;
};

template <typename Item, typename Time>
std::vector<size_t> SortedIndices(absl::Span<const Item> items, absl::Span<const ActKind> kinds,
                                  Time time) {
  std::vector<size_t> indices;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool wanted =
        kinds.empty() || std::find(kinds.begin(), kinds.end(), items[i].kind) != kinds.end();
    if (wanted) indices.push_back(i);
  }
  std::stable_sort(indices.begin(), indices.end(),
                   [&](size_t a, size_t b) { return time(items[a]) < time(items[b]); });
  return indices;
}

}  // namespace

std::optional<double> IncidentScores::DelayQuantile(double q) const {
  std::vector<double> delays;
  for (const ActOutcome& outcome : acts) {
    if (outcome.found.has_value()) delays.push_back(outcome.delay_s);
  }
  if (delays.empty()) return std::nullopt;
  std::sort(delays.begin(), delays.end());
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(delays.size())));
  return delays[std::clamp<size_t>(rank, 1, delays.size()) - 1];
}

IncidentScores ScoreIncidents(absl::Span<const TruthIncident> truth,
                              absl::Span<const FoundIncident> found,
                              const ScoringTolerance& tolerance, absl::Span<const ActKind> kinds) {
  const std::vector<size_t> acts =
      SortedIndices(truth, kinds, [](const TruthIncident& act) { return act.start_s; });
  const std::vector<size_t> reports =
      SortedIndices(found, kinds, [](const FoundIncident& f) { return f.opened_s; });
  Matching matching(truth.size(), found.size());
  for (const size_t act : acts) {
    for (const size_t report : reports) {
      if (Fits(truth[act], found[report], tolerance)) matching.Allow(act, report);
    }
  }
  // Complete acts first: a cut-off act must not take an incident that they could have.
  for (const size_t act : acts) {
    if (truth[act].complete) matching.Place(act);
  }
  for (const size_t act : acts) {
    if (!truth[act].complete) matching.Place(act);
  }

  IncidentScores scores;
  std::map<size_t, size_t> report_of;
  for (const size_t report : reports) {
    const std::optional<size_t> act = matching.ActOf(report);
    if (!act.has_value()) {
      scores.false_alarms.push_back(report);
    } else if (!truth[*act].complete) {
      scores.ignored.push_back(report);
    } else {
      report_of[*act] = report;
    }
  }
  for (const size_t act : acts) {
    if (!truth[act].complete) continue;
    ActOutcome& outcome = scores.acts.emplace_back();
    outcome.act = act;
    const auto report = report_of.find(act);
    if (report == report_of.end()) continue;
    outcome.found = report->second;
    outcome.delay_s = found[report->second].opened_s - truth[act].end_s;
    ++scores.hits;
  }
  const auto wrong = static_cast<double>(scores.false_alarms.size());
  if (scores.hits + wrong > 0) scores.precision = scores.hits / (scores.hits + wrong);
  if (!scores.acts.empty()) {
    scores.recall = scores.hits / static_cast<double>(scores.acts.size());
  }
  return scores;
}

void TrackMatcher::Observe(const TruthFrame& truth, absl::Span<const TrackedPerson> tracks) {
  for (const TrackedPerson& track : tracks) {
    float best = 0.3f;
    uint64_t person_id = 0;
    for (const TruthPerson& person : truth.people) {
      const float overlap = IntersectionOverUnion(person.box, track.person.box);
      if (overlap < best) continue;
      best = overlap;
      person_id = person.id;
    }
    if (person_id != 0) ++votes_[track.track_id][person_id];
  }
}

std::optional<uint64_t> TrackMatcher::PersonOf(uint64_t track_id) const {
  const auto found = votes_.find(track_id);
  if (found == votes_.end()) return std::nullopt;
  const auto most =
      std::max_element(found->second.begin(), found->second.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->first;
}

std::vector<uint64_t> TrackMatcher::PeopleOf(absl::Span<const uint64_t> track_ids) const {
  std::vector<uint64_t> people;
  for (const uint64_t track_id : track_ids) {
    const std::optional<uint64_t> person = PersonOf(track_id);
    if (!person.has_value()) continue;
    if (std::find(people.begin(), people.end(), *person) == people.end()) people.push_back(*person);
  }
  return people;
}

}  // namespace aislewatch::simulator
