// What tells from the poses of people beside each other whether they fight.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// One person of a frame.
struct PersonPose {
  /// The same for the same person from frame to frame; none twice in a frame.
  uint64_t track_id = 0;
  /// In fractions of the frame, finite. A joint of confidence 0 is not known.
  Pose pose{};
};

/// The people of one frame.
struct PosedFrame {
  /// Capture time; rises from frame to frame.
  absl::Time time;
  /// For the aspect ratio and for limits given in pixels.
  FrameSize frame;
  absl::Span<const PersonPose> people;
};

/// What is known of one person.
struct FightingEvidence {
  /// That they fight with whoever is beside them, 0..1, where fights and other scenes are equally
  /// common; 0 where they are alone.
  float probability = 0;
  /// Nobody is, or was lately, within reach: it takes two to fight.
  bool alone = false;
};

/// Follows the people of one camera. Not thread-safe; belongs to one stream.
class FightingTracks {
 public:
  virtual ~FightingTracks() = default;
  /// Takes the next frame. One entry for each of its people; nothing for whoever is seen too
  /// briefly, or too badly, to tell.
  virtual std::vector<std::optional<FightingEvidence>> Push(const PosedFrame& frame) = 0;
};

/// A fitted model, immutable and thread-safe; outlives the tracks that it makes.
class FightingScorer {
 public:
  virtual ~FightingScorer() = default;
  virtual std::unique_ptr<FightingTracks> NewTracks() const = 0;
  virtual const ModelInfo& info() const = 0;
};

}  // namespace aislewatch
