// What fusion is told of a frame. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/clip_classifier.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"
#include "common/vision/seen_object.h"

namespace aislewatch::fusion {

/// One person as the stages before saw them. Any number may be NaN or absurd: what cannot be used
/// counts as missing.
struct ObservedPerson {
  TrackedPerson tracked;
  /// Unset where the classifier was away or has not seen the track.
  std::optional<ActionScores> clip;
  /// What the object model saw at them; unset where it did not look at them in this frame.
  std::optional<std::vector<SeenObject>> objects;
};

/// Everything known about one frame.
struct Observation {
  /// When the camera took it; the only time that fusion knows.
  absl::Time capture_time;
  FrameSize frame;
  std::vector<ObservedPerson> people;
  /// Stages that did not answer: "pose", "classifier".
  std::vector<std::string> degraded;
  /// Models of those that did.
  std::vector<ModelInfo> models;
  /// Nothing will follow: what is open closes.
  bool last = false;
};

/// The name of the pose stage in Observation::degraded: without it fusion is blind.
inline constexpr char kPoseStage[] = "pose";

}  // namespace aislewatch::fusion
