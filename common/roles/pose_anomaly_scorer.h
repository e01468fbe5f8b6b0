// What tells how unlike normal shopping a sequence of poses is.
#pragma once

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// One track's pose in one frame.
struct PoseSample {
  /// Capture time; rises from sample to sample of a track.
  absl::Time time;
  /// In fractions of the frame.
  Pose pose{};
  /// The frame that the pose was found in, for the aspect ratio and for limits given in pixels.
  FrameSize frame;
};

/// Scores one track. Not thread-safe; cheap to make; belongs to one stream.
class PoseAnomalyTrack {
 public:
  virtual ~PoseAnomalyTrack() = default;
  /// Takes the track's next pose. Returns how anomalous the track is now, calibrated to 0..1 on
  /// normal data (the fraction of normal scores below it), or nothing during the warm-up.
  virtual std::optional<float> Push(const PoseSample& sample) = 0;
};

/// A fitted model, immutable and thread-safe; outlives the tracks that it makes.
class PoseAnomalyScorer {
 public:
  virtual ~PoseAnomalyScorer() = default;
  virtual std::unique_ptr<PoseAnomalyTrack> NewTrack() const = 0;
  virtual const ModelInfo& info() const = 0;
};

}  // namespace aislewatch
