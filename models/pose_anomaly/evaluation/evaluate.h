// Measuring a pose anomaly scorer on labelled clips.
//
// Frame level, as the field reports it, with anomalous frames as the positive class: every track is
// scored causally through the very interface that the product uses, a frame's score is the maximum
// over its people, and a frame where nobody has a score ranks below every other. docs/models/
// pose-anomaly.md says why the controls and the age strata are needed to read these figures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/dataset/poselift.h"
#include "models/pose_anomaly/statistics/ranking_metrics.h"

namespace aislewatch::pose_anomaly {

/// Metrics on a set of frames, with the set's size.
struct FrameSetMetrics {
  RankingMetrics metrics;
  size_t frames = 0;
  size_t anomalous = 0;
};

/// One way of scoring, on both sets of frames.
struct ScoreMetrics {
  /// Frames in which somebody was tracked.
  FrameSetMetrics people_frames;
  /// All labelled frames.
  FrameSetMetrics all_frames;
  /// AUC-ROC on people frames, only comparing frames whose youngest track's age (frames it was seen
  /// in) lies in the same octave 1, 2-3, 4-7, ... Nothing where no octave has both labels.
  std::optional<double> age_stratified;
};

struct EvaluationReport {
  ModelInfo model;
  ScoreMetrics score;
  /// Mean AUC-ROC inside a clip, over clips whose people frames have both labels. Nothing without
  /// such a clip.
  std::optional<double> within_clip;
  size_t within_clip_clips = 0;
  /// 2.5 % and 97.5 % points of the AUC-ROC on people frames when clips are drawn with replacement.
  double bootstrap_low = 0;
  double bootstrap_high = 0;
  /// What scores without looking at a pose: minus the age of the youngest track of five frames or
  /// more, and whether somebody is in the picture.
  ScoreMetrics track_age;
  ScoreMetrics presence;

  size_t clips = 0;
  size_t poses = 0;
  /// Poses in frames without a label, which count for nothing.
  size_t poses_beyond_labels = 0;
  /// Processor time of the calling thread.
  double microseconds_per_pose = 0;
  std::vector<std::string> clips_without_mask;
  std::vector<std::string> clips_without_poses;
};

/// Blocks for the inference of all poses. The same scorer and set give the same figures, times
/// aside. INVALID_ARGUMENT unless there are normal and anomalous frames with people.
absl::StatusOr<EvaluationReport> EvaluatePoseAnomaly(const PoseAnomalyScorer& scorer,
                                                     const TestSet& set);

}  // namespace aislewatch::pose_anomaly
