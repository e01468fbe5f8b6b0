// How unusual the poses of a recorded clip are, frame by frame and as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/clip_training/person_finder.h"

namespace aislewatch {

/// Whose score was highest, and in which frame.
struct AnomalyPeak {
  float score = 0;
  size_t frame = 0;
  uint64_t track_id = 0;
};

/// Scores 0..1 of a clip's people, found at the rate of analysis and scored one after another as
/// fusion scores them. Plain value.
struct ClipAnomaly {
  int frames = 0;
  /// Frames in which somebody was found: what a clip's length and nothing else would say.
  int frames_with_people = 0;
  /// The highest score of anybody in each frame that has one, in the order of the frames. Nobody
  /// has one before they were seen for long enough.
  std::vector<float> scores;
  /// The first of the highest; nothing where there is no score.
  std::optional<AnomalyPeak> peak;
  /// Of `scores`.
  std::optional<float> mean;
};

/// `people` has an entry for each of `frames`.
ClipAnomaly AnomalyOfClip(const PoseAnomalyScorer& scorer, absl::Span<const CapturedFrame> frames,
                          const clip_training::PeopleByFrame& people);

}  // namespace aislewatch
