// Gathers the frames of which an incident's clip is made.
//
// Belongs to one pipeline and its strand: not thread-safe. Nothing here decodes or encodes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/ingest/core/clip.h"
#include "services/ingest/core/frame_ring.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// Follows the incidents of a camera. Each gets a clip from pre_roll before it opened to post_roll
/// after it closed, as far as the ring and the camera have frames. A clip that reaches max_length
/// (or max_bytes) ends there and says so; where the incident peaks after that, a second clip shows
/// the highest of those peaks with pre-roll and post-roll. Recordings share frames with each other
/// and with the ring.
class IncidentRecorder {
 public:
  /// `sink` may be null where clips are not enabled; else it must outlive the recorder.
  IncidentRecorder(std::string camera_id, bool blur_heads, ClipOptions options, ClipSink* sink);

  /// A transition that the frame `sequence`, captured at `at`, has caused. Returns the announcement
  /// of the clip that begins, as PENDING, or as FAILED where it cannot.
  std::vector<OutboxItem> Take(const Transition& transition, absl::Time at, uint64_t sequence,
                               const FrameRing& ring);

  /// The next frame of the camera has been judged: it joins the recordings, and those that are
  /// complete go to the sink. `frame` may be null where there is no picture.
  void Add(absl::Time at, const SharedFrame& frame);

  /// No more frames come: every recording goes to the sink as it is. Those of incidents that are
  /// open say that they were cut, for the reason `why`.
  void Finish(const std::string& why);

 private:
  struct Recording {
    ClipRecording clip;
    size_t bytes = 0;
  };
  struct Followed {
    // The clip that is being recorded; nothing once it is with the sink.
    std::optional<Recording> first;
    // Around the highest peak that came after the first clip.
    std::optional<Recording> later;
    absl::Time covered_until;
    bool closed = false;
  };

  Recording Begin(const Transition& transition, absl::Time from, uint64_t sequence,
                  const FrameRing& ring) const;
  static void Append(Recording& recording, const SharedFrame& frame);
  bool Complete(Recording& recording, bool closed, absl::Time at) const;
  size_t recordings() const;
  void FinishFirst(Followed& followed);

  const std::string camera_id_;
  const bool blur_heads_;
  const ClipOptions options_;
  ClipSink* const sink_;
  std::map<std::string, Followed> followed_;
};

}  // namespace aislewatch::ingest
