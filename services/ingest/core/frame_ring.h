// The last seconds of a camera, encoded, so that an incident can be shown as it was at its peak.
//
// Belongs to one pipeline and its strand: not thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/vision/geometry.h"

namespace aislewatch::ingest {

/// A frame that has been through the pose stage.
struct RingFrame {
  absl::Time capture_time;
  std::shared_ptr<const std::string> jpeg;
  std::vector<TrackedPerson> people;
  /// False where the pose stage was away: then nobody knows where the heads are.
  bool poses_known = false;
};

/// Keeps frames for `length` by capture time, and at most `max_bytes` of JPEG; the oldest go first.
class FrameRing {
 public:
  FrameRing(absl::Duration length, size_t max_bytes) : length_(length), max_bytes_(max_bytes) {}

  void Add(RingFrame frame);

  /// The frame closest to `time`, with the people that only its neighbours (within
  /// kNeighbourhood) show added: a person whom the model missed in this very frame still has a head
  /// that must be blurred. Nothing where the ring's frames are all further than that from `time`.
  std::optional<RingFrame> At(absl::Time time) const;

  static constexpr absl::Duration kNeighbourhood = absl::Milliseconds(600);

 private:
  const absl::Duration length_;
  const size_t max_bytes_;
  std::deque<RingFrame> frames_;
  size_t bytes_ = 0;
};

}  // namespace aislewatch::ingest
