// How scores of poses become scores of frames: as a camera can, or as the field publishes.
//
// Plain values and pure functions; thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::pose_anomaly {

/// The default is what a camera can do.
struct Protocol {
  /// A score counts for the frame that lies so many before the pose that it was given for: half a
  /// window, and it is that of the window's middle.
  int delay_frames = 0;
  /// SmoothAsPublished over each clip, where frames without a score have the most normal one of the
  /// whole set, as published.
  bool smoothed = false;
  /// Only frames that have a score (before smoothing) count at all.
  bool covered_only = false;
};

/// A protocol as it is asked for, before the model's window is known.
struct ProtocolWords {
  /// Scores as the model computes them, not as ranks (ScoringOptions::calibrated).
  bool raw = false;
  bool centred = false;
  bool smoothed = false;
  bool covered = false;

  /// Of a model that sees `window` frames: the middle is that of STG-NF's published runs, the first
  /// frame plus half of the window.
  Protocol For(int window) const;
  bool causal() const { return !raw && !centred && !smoothed && !covered; }
};

/// "causal"; "published", which is "raw,centred,smoothed"; or any of raw, centred, smoothed and
/// covered with commas between. INVALID_ARGUMENT for anything else.
absl::StatusOr<ProtocolWords> ParseProtocol(absl::string_view text);

}  // namespace aislewatch::pose_anomaly
