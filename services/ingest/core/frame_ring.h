// The last seconds of a camera, encoded, so that an incident can be shown as it was at its peak and
// before it began.
//
// Belongs to one pipeline and its strand: not thread-safe. Frames that were handed out may be read
// anywhere, since only a frame that has not been judged yet still changes.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/vision/geometry.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// A frame that has been through the pose stage.
struct RingFrame {
  absl::Time capture_time;
  std::shared_ptr<const std::string> jpeg;
  std::vector<TrackedPerson> people;
  /// False where the pose stage was away: then nobody knows where the heads are.
  bool poses_known = false;
  /// As in Frame.
  uint64_t sequence = 0;
  /// What fusion said; empty before, and where it was away.
  std::vector<TrackRisk> risks;
};

using SharedFrame = std::shared_ptr<const RingFrame>;

/// How far from a frame others may tell of heads that are in it too.
inline constexpr absl::Duration kHeadNeighbourhood = absl::Milliseconds(600);

/// The people of `frame`, with those whom only its neighbours among `around` show: a person whom
/// the model missed in this very frame still has a head that must be blurred.
std::vector<TrackedPerson> PeopleAround(const RingFrame& frame,
                                        absl::Span<const SharedFrame> around);

/// Keeps frames for `length` by capture time, and at most `max_bytes` of JPEG; the oldest go first.
class FrameRing {
 public:
  FrameRing(absl::Duration length, size_t max_bytes) : length_(length), max_bytes_(max_bytes) {}

  void Add(RingFrame frame);

  /// Adds to a frame what fusion said of it, and returns it; null where the ring no longer has it.
  /// Once for each frame.
  SharedFrame Judge(uint64_t sequence, std::vector<TrackRisk> risks);

  /// The frame closest to `time`, with PeopleAround. Nothing where the ring's frames are all
  /// further than kNeighbourhood from `time`.
  std::optional<RingFrame> At(absl::Time time) const;

  /// When the frame was captured that was the newest one at `time`; nothing where it is not kept.
  std::optional<absl::Time> ShownAt(absl::Time time) const;

  /// Frames captured from `from` on with a sequence up to `newest`, oldest first.
  std::vector<SharedFrame> Since(absl::Time from, uint64_t newest) const;

  static constexpr absl::Duration kNeighbourhood = kHeadNeighbourhood;

 private:
  const absl::Duration length_;
  const size_t max_bytes_;
  std::deque<std::shared_ptr<RingFrame>> frames_;
  size_t bytes_ = 0;
};

}  // namespace aislewatch::ingest
