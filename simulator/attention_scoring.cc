#include "simulator/attention_scoring.h"

#include <cmath>
#include <map>
#include <utility>

namespace aislewatch::simulator {
namespace {

std::optional<double> Ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

struct BothSides {
  FoundVisit truth, found;
};

void Merge(const FoundVisit& from, FoundVisit& to) {
  to.looking_s += from.looking_s;
  to.dwell_s += from.dwell_s;
  to.looked |= from.looked;
  to.entered |= from.entered;
  to.looked_before_entering |= from.looked_before_entering;
}

}  // namespace

void YesNoScore::Count(bool truth, bool found) {
  hits += truth && found;
  false_alarms += !truth && found;
  misses += truth && !found;
}

void YesNoScore::Add(const YesNoScore& other) {
  hits += other.hits;
  false_alarms += other.false_alarms;
  misses += other.misses;
}

std::optional<double> YesNoScore::precision() const { return Ratio(hits, hits + false_alarms); }
std::optional<double> YesNoScore::recall() const { return Ratio(hits, hits + misses); }

void TimeScore::Count(double truth, double found) {
  if (truth <= 0 && found <= 0) return;
  ++pairs;
  absolute_s += std::abs(found - truth);
  truth_s += truth;
  found_s += found;
}

void TimeScore::Add(const TimeScore& other) {
  pairs += other.pairs;
  absolute_s += other.absolute_s;
  truth_s += other.truth_s;
  found_s += other.found_s;
}

std::optional<double> TimeScore::mean_absolute_s() const { return Ratio(absolute_s, pairs); }
std::optional<double> TimeScore::mean_s() const { return Ratio(found_s - truth_s, pairs); }

void AttentionScores::Add(const AttentionScores& other) {
  passers_by += other.passers_by;
  visits_told += other.visits_told;
  strangers += other.strangers;
  looked.Add(other.looked);
  entered.Add(other.entered);
  looked_before_entering.Add(other.looked_before_entering);
  looking.Add(other.looking);
  dwell.Add(other.dwell);
}

AttentionScores ScoreAttention(absl::Span<const TruthVisit> truth,
                               absl::Span<const FoundVisit> found) {
  AttentionScores scores;
  std::map<std::pair<uint64_t, std::string>, BothSides> pairs;
  for (const TruthVisit& visit : truth) {
    Merge({visit.person_id, visit.zone_id, visit.looking_s, visit.dwell_s, visit.looked,
           visit.entered, visit.looked_before_entering},
          pairs[{visit.person_id, visit.zone_id}].truth);
  }
  scores.passers_by = static_cast<int>(pairs.size());
  scores.visits_told = static_cast<int>(found.size());
  for (const FoundVisit& visit : found) {
    const std::pair key(visit.person_id, visit.zone_id);
    scores.strangers += !pairs.contains(key);
  }
  for (const FoundVisit& visit : found) Merge(visit, pairs[{visit.person_id, visit.zone_id}].found);
  for (const auto& [key, pair] : pairs) {
    scores.looked.Count(pair.truth.looked, pair.found.looked);
    scores.entered.Count(pair.truth.entered, pair.found.entered);
    scores.looked_before_entering.Count(pair.truth.looked_before_entering,
                                        pair.found.looked_before_entering);
    scores.looking.Count(pair.truth.looking_s, pair.found.looking_s);
    scores.dwell.Count(pair.truth.dwell_s, pair.found.dwell_s);
  }
  return scores;
}

}  // namespace aislewatch::simulator
