// Measuring a pose anomaly scorer on labelled clips.
//
// Frame level, as the field reports it, with anomalous frames as the positive class: every track is
// scored causally through the very interface that the product uses, a frame's score is the maximum
// over its people, and a frame where nobody has a score ranks below every other. What the field
// does otherwise is a protocol (protocol.h). docs/models/pose-anomaly.md says why the controls and
// the age strata are needed to read these figures.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/dataset/poselift.h"
#include "models/pose_anomaly/evaluation/protocol.h"
#include "models/ranking/bootstrap.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::pose_anomaly {

/// Metrics on a set of frames, with the set's size.
struct FrameSetMetrics {
  ranking::RankingMetrics metrics;
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
  /// Mean AUC-ROC inside a clip, over clips whose people frames have both labels. Nothing without
  /// such a clip.
  std::optional<double> within_clip;
};

/// One labelled frame and what was made of it.
struct EvaluatedFrame {
  /// Index in the test set, and the frame's number in the clip.
  size_t clip = 0;
  int frame = 0;
  bool anomalous = false;
  /// Somebody was tracked here.
  bool people = false;
  /// The highest of its people's scores; nothing where nobody has one (yet).
  std::optional<float> score;
  /// Whose score that is: an index into the clip's tracks. Meaningless once smoothed.
  size_t track = 0;
  /// 1 where somebody has a score, else 0; smoothed as scores are.
  float coverage = 0;
  /// Ages in frames of the youngest track, and of the youngest of five frames or more.
  std::optional<uint32_t> youngest;
  std::optional<uint32_t> youngest_warm;
};

/// As the model's score, with one who has none below every score.
float RankedScore(const EvaluatedFrame& frame);
/// The control that knows a track's age and no pose.
float TrackAgeScore(const EvaluatedFrame& frame);

/// 95 % intervals of figures when clips are drawn with replacement. Nothing where the figure is not
/// defined.
struct FrameSetIntervals {
  std::optional<ranking::Interval> auc_roc;
  std::optional<ranking::Interval> average_precision;
  std::optional<ranking::Interval> eer;
};
struct ScoreIntervals {
  FrameSetIntervals people_frames;
  FrameSetIntervals all_frames;
  std::optional<ranking::Interval> age_stratified;
  std::optional<ranking::Interval> within_clip;
};

struct EvaluationReport {
  ModelInfo model;
  Protocol protocol;
  ScoreMetrics score;
  /// Clips whose people frames have both labels.
  size_t within_clip_clips = 0;
  ScoreIntervals bootstrap;
  /// What scores without looking at a pose: minus the age of the youngest track of five frames or
  /// more, and whether somebody is in the picture.
  ScoreMetrics track_age;
  ScoreMetrics presence;
  /// What has the same score wherever the model has one, under the same protocol.
  ScoreMetrics constant;

  size_t clips = 0;
  size_t poses = 0;
  /// Poses in frames without a label, which count for nothing.
  size_t poses_beyond_labels = 0;
  /// Labelled frames after the last one with people in their clip.
  size_t labels_beyond_poses = 0;
  /// Joints whose confidence was NaN and is taken for 0.
  size_t unknown_confidences = 0;
  /// Processor time of the calling thread.
  double microseconds_per_pose = 0;
  std::vector<std::string> clips_without_mask;
  std::vector<std::string> clips_without_poses;
  /// Every labelled frame, by clip and number.
  std::vector<EvaluatedFrame> frames;
};

/// The scorer of a clip, for example one calibrated to its camera; lives as long as the evaluation.
using ScorerOfClip = std::function<const PoseAnomalyScorer&(const PoseClip& clip)>;

/// Blocks for the inference of all poses. The same scorer and set give the same figures, times
/// aside. INVALID_ARGUMENT unless there are normal and anomalous frames with people, and, with
/// clip, person and frame, where a score is NaN.
absl::StatusOr<EvaluationReport> EvaluatePoseAnomaly(const PoseAnomalyScorer& scorer,
                                                     const TestSet& set,
                                                     const Protocol& protocol = {});
/// The same with a scorer for each clip; `model` is what they have in common.
absl::StatusOr<EvaluationReport> EvaluatePoseAnomaly(const ModelInfo& model,
                                                     const ScorerOfClip& scorer_of,
                                                     const TestSet& set,
                                                     const Protocol& protocol = {});

}  // namespace aislewatch::pose_anomaly
