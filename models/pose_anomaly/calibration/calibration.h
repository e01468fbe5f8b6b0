// What is normal before one camera: ranks among its own poses instead of those of all cameras.
//
// A camera that looks down from a ceiling, or a counter behind which staff bend all day, makes normal
// poses look unusual to a scorer that was fitted elsewhere. Scores of an ordinary day of that camera,
// without any label, say how unusual its normal people look; a score then becomes the fraction of them
// that lies below it. What happened on that day counts as normal: a day of many thefts makes a deaf
// camera.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/statistics/empirical_distribution.h"

namespace aislewatch::pose_anomaly {

/// What a scorer made of a camera's normal day. Plain value.
struct CameraCalibration {
  std::string camera_id;
  /// The scorer that it belongs to.
  ModelInfo model;
  /// Poses that had a score.
  uint64_t poses = 0;
  /// Their scores.
  EmpiricalDistribution normal;
};

/// Fewer scores say too little of a camera's upper end.
inline constexpr uint64_t kLeastCalibrationPoses = 1000;

/// Scores the poses of a camera's normal people as they come in, in whatever order of tracks. Keeps a
/// number per pose. Not thread-safe.
class CameraCalibrator {
 public:
  /// `scorer` must outlive the calibrator.
  explicit CameraCalibrator(const PoseAnomalyScorer& scorer) : scorer_(scorer) {}

  /// The next pose of a track. Tracks that were not seen for a minute are forgotten.
  void Push(uint64_t track_id, const PoseSample& sample);
  /// Poses so far that had a score.
  uint64_t poses() const { return scores_.size(); }
  /// FAILED_PRECONDITION below `least_poses`.
  absl::StatusOr<CameraCalibration> Finish(
      absl::string_view camera_id, uint64_t least_poses = kLeastCalibrationPoses) const;

 private:
  struct Track {
    std::unique_ptr<PoseAnomalyTrack> scorer;
    absl::Time last_seen;
  };

  const PoseAnomalyScorer& scorer_;
  std::map<uint64_t, Track> tracks_;
  absl::Time next_cleaning_ = absl::InfinitePast();
  std::vector<float> scores_;
};

/// `scorer` with its scores ranked among `normal`. Its info is that of `scorer`.
std::unique_ptr<PoseAnomalyScorer> NewCalibratedScorer(
    std::shared_ptr<const PoseAnomalyScorer> scorer, EmpiricalDistribution normal);

}  // namespace aislewatch::pose_anomaly
