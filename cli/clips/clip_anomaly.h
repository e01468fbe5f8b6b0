// How unusual the poses of a recorded clip are, as a whole.
#pragma once

#include <optional>

#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/clip_training/person_finder.h"

namespace aislewatch {

/// Scores 0..1 of a clip's people, found at the rate of analysis and scored one after another as fusion
/// scores them. Plain value.
struct ClipAnomaly {
  /// The highest score of anybody; nothing where nobody was seen for long enough to have one.
  std::optional<float> peak;
  /// The mean over frames of the highest score in each, of the frames that have one.
  std::optional<float> mean;
  /// Frames in which somebody was found: what a clip's length and nothing else would say.
  int frames_with_people = 0;
};

/// `people` has an entry for each of `frames`.
ClipAnomaly AnomalyOfClip(const PoseAnomalyScorer& scorer, absl::Span<const CapturedFrame> frames,
                          const clip_training::PeopleByFrame& people);

}  // namespace aislewatch
