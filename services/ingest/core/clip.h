// What a clip is made of, and what becomes of it. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/ingest/core/frame_ring.h"
#include "services/ingest/core/outbox.h"

namespace aislewatch::ingest {

/// How clips are cut.
struct ClipOptions {
  bool enabled = true;
  /// Before an incident opened, and after it closed.
  absl::Duration pre_roll = absl::Seconds(5);
  absl::Duration post_roll = absl::Seconds(5);
  /// Of one clip, pre-roll and post-roll included; above both.
  absl::Duration max_length = absl::Seconds(60);
  /// JPEG held for one clip; where there is more, the clip ends there.
  size_t max_bytes = size_t{64} << 20;
  /// Clips that a camera records at once.
  size_t max_recordings = 8;
};

/// A step in the life of the incident, for the timeline.
struct TransitionMark {
  absl::Time time;
  uint32_t number = 0;
  TransitionKind kind = TransitionKind::kOpened;
};

/// The frames of an incident, from which its clip and its score curve are made.
struct ClipRecording {
  std::string camera_id;
  std::string incident_id;
  /// Ids of the evidence that is made of it.
  std::string clip_id;
  std::string curve_id;
  bool blur_heads = true;
  /// What the clip shows: frames captured from..until. Frames around it tell of heads.
  absl::Time from;
  absl::Time until = absl::InfiniteFuture();
  absl::Time peak_time;
  /// Why the clip ends before incident and post-roll do; empty where it does not.
  std::string cut;
  /// By sequence.
  std::vector<SharedFrame> frames;
  std::vector<TransitionMark> transitions;
};

/// Those frames of a recording that its clip shows, rising in time by a millisecond at least.
std::vector<SharedFrame> ShownFrames(const ClipRecording& recording);

/// A description of evidence without bytes: announced, or failed with `error`.
OutboxItem DescribeClip(const ClipRecording& recording, EvidenceState state,
                        std::string error = "");

/// Takes recordings that are complete. Thread-safe; does not wait for the clip.
class ClipSink {
 public:
  virtual ~ClipSink() = default;
  virtual void Make(ClipRecording recording) = 0;
};

}  // namespace aislewatch::ingest
