#include "simulator/tracking_score.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <vector>

namespace aislewatch::simulator {
namespace {

/// Of whom less can be seen, nobody can find.
constexpr float kLeastVisible = 0.3f;
constexpr float kLeastOverlap = 0.3f;

/// Pairs left and right ids, the greatest value first, each id at most once.
template <typename Value>
std::vector<std::tuple<Value, uint64_t, uint64_t>> PairGreedily(
    std::vector<std::tuple<Value, uint64_t, uint64_t>> candidates) {
  std::sort(candidates.begin(), candidates.end(), std::greater<>());
  std::set<uint64_t> left, right;
  std::erase_if(candidates, [&](const auto& candidate) {
    const auto& [value, a, b] = candidate;
    if (left.contains(a) || right.contains(b)) return true;
    left.insert(a);
    right.insert(b);
    return false;
  });
  return candidates;
}

}  // namespace

void TrackingScore::Add(const TrackingScore& other) {
  visible += other.visible;
  reported += other.reported;
  matched += other.matched;
  identified += other.identified;
  switches += other.switches;
  people += other.people;
  tracks += other.tracks;
}

double TrackingScore::recall() const {
  return visible == 0 ? 0 : static_cast<double>(matched) / static_cast<double>(visible);
}

double TrackingScore::idf1() const {
  const int64_t both = visible + reported;
  return both == 0 ? 0 : 2 * static_cast<double>(identified) / static_cast<double>(both);
}

void TrackingScorer::Observe(const TruthFrame& truth, absl::Span<const TrackedPerson> tracks) {
  counts_.reported += static_cast<int64_t>(tracks.size());
  std::vector<std::tuple<float, uint64_t, uint64_t>> candidates;
  for (const TruthPerson& person : truth.people) {
    if (person.visible < kLeastVisible) continue;
    ++counts_.visible;
    for (const TrackedPerson& track : tracks) {
      const float overlap = IntersectionOverUnion(person.box, track.person.box);
      if (overlap >= kLeastOverlap) candidates.emplace_back(overlap, person.id, track.track_id);
    }
  }
  for (const auto& [overlap, person, track] : PairGreedily(std::move(candidates))) {
    ++counts_.matched;
    ++together_[{person, track}];
    const auto [last, first_time] = last_track_.try_emplace(person, track);
    if (!first_time && last->second != track) ++counts_.switches;
    last->second = track;
  }
}

TrackingScore TrackingScorer::Score() const {
  TrackingScore score = counts_;
  score.people = static_cast<int64_t>(last_track_.size());
  score.tracks = static_cast<int64_t>(together_.size());
  std::vector<std::tuple<int64_t, uint64_t, uint64_t>> candidates;
  for (const auto& [ids, frames] : together_) {
    candidates.emplace_back(frames, ids.first, ids.second);
  }
  for (const auto& [frames, person, track] : PairGreedily(std::move(candidates))) {
    score.identified += frames;
  }
  return score;
}

}  // namespace aislewatch::simulator
