// Makes the pictures that prove an incident.
//
// Belongs to one pipeline and its strand: not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/ingest/core/frame_ring.h"
#include "services/ingest/core/outbox.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// Follows the incidents of a camera and takes from the ring the frame of each one's peak: when it
/// opens, so that staff have a picture at once, and again when it closes, where the peak came
/// later. Each time a plain snapshot and one with skeletons.
class IncidentEvidence {
 public:
  /// `blur_heads`: in both pictures heads are blurred; the whole picture where poses are unknown.
  IncidentEvidence(std::string camera_id, bool blur_heads)
      : camera_id_(std::move(camera_id)), blur_heads_(blur_heads) {}

  /// The evidence that this transition calls for; none where the ring no longer (or not) has the
  /// frame. Takes some milliseconds where there is any.
  std::vector<OutboxItem> Take(const Transition& transition, const FrameRing& ring);

 private:
  // The best picture of an open incident.
  struct Candidate {
    absl::Time peak_time;
    RingFrame frame;
    bool stored = false;
  };

  std::vector<OutboxItem> Snapshots(const Transition& transition, const RingFrame& frame) const;

  const std::string camera_id_;
  const bool blur_heads_;
  std::map<std::string, Candidate> candidates_;
};

}  // namespace aislewatch::ingest
