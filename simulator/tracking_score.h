// How well a tracker's identities agree with the people who were really there.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "absl/types/span.h"
#include "common/vision/geometry.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

/// Counts over frames and people; those of several simulations may be added up.
struct TrackingScore {
  /// True people of whom enough can be seen, over all frames.
  int64_t visible = 0;
  /// People that the tracker reported, over all frames.
  int64_t reported = 0;
  /// Pairs of a visible and a reported person whose boxes overlap by an IoU of 0.3 or more.
  int64_t matched = 0;
  /// Of these the ones in which the track is the one that stands for that person. Each person gets
  /// one track and each track one person, the longest common time first.
  int64_t identified = 0;
  /// Times that a person's track became another one.
  int64_t switches = 0;
  /// People who were found at all.
  int64_t people = 0;
  /// Tracks that they had, each counted once per person.
  int64_t tracks = 0;

  void Add(const TrackingScore& other);
  /// Part of the visible people who were found, 0..1; 0 without any.
  double recall() const;
  /// 2 identified / (visible + reported), 0..1: IDF1 (Ristani et al. 2016, arXiv 1609.01775), but
  /// with greedy instead of optimal assignment, so that it is a lower bound.
  double idf1() const;
};

/// Follows one simulation. Not thread-safe.
class TrackingScorer {
 public:
  /// One frame: the truth and the tracker's people.
  void Observe(const TruthFrame& truth, absl::Span<const TrackedPerson> tracks);
  TrackingScore Score() const;

 private:
  TrackingScore counts_;
  // Frames that a person and a track have in common.
  std::map<std::pair<uint64_t, uint64_t>, int64_t> together_;
  std::map<uint64_t, uint64_t> last_track_;
};

}  // namespace aislewatch::simulator
