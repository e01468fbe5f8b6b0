// The posture scorer: how rare a pose is, and how much it is one of concealing.
//
// Two parts, each a rank among normal shopping, averaged and smoothed. (A) The density of single
// poses: hip-centred keypoints in trunk lengths, projected on 20 principal components, under a
// mixture of 8 Gaussians. (B) Eight measures of arms, trunk and speed with fixed signs
// (concealment_features.h). docs/models/pose-anomaly.md has the measurements that led here.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/posture/concealment_features.h"
#include "models/pose_anomaly/statistics/empirical_distribution.h"
#include "models/pose_anomaly/statistics/gaussian_mixture.h"
#include "models/pose_anomaly/statistics/principal_components.h"

namespace aislewatch::pose_anomaly {

/// The density of single poses.
struct PoseDensity {
  PrincipalComponents projection;
  GaussianMixture mixture;

  /// -log p in nats; larger is rarer.
  float Rarity(const PoseVector& pose) const;
};

/// Everything fitted but the calibration. Immutable once fitted; thread-safe then.
struct PostureModel {
  PoseDensity density;
  /// Of Rarity on normal poses.
  EmpiricalDistribution rarity;
  /// Of each concealment feature on normal poses, in the features' order.
  std::vector<EmpiricalDistribution> concealment;

  /// INVALID_ARGUMENT where a part has the wrong size.
  absl::Status Validate() const;

  /// Part A, 0..1.
  float RarityRank(const Body& body) const;
  /// Part B, 0..1.
  float ConcealmentRank(const ConcealmentValues& values) const;
};

/// A track is scored from this many poses on.
inline constexpr int kWarmUpPoses = 5;
/// After a gap longer than this a track starts anew.
inline constexpr absl::Duration kLongestGap = absl::Seconds(2);

/// Applies a model to one track. Not thread-safe; `model` must outlive it.
class PostureStream {
 public:
  explicit PostureStream(const PostureModel& model) : model_(model) {}

  /// The mean of both parts' ranks, exponentially smoothed (weight 0.3 per 1/15 s); 0..1 but not
  /// calibrated. Nothing during the warm-up, nor for a pose that is not later than the one before.
  std::optional<float> Push(const PoseSample& sample);

 private:
  const PostureModel& model_;
  ConcealmentFeatures features_;
  std::optional<absl::Time> last_;
  int age_ = 0;
  float smoothed_ = 0;
};

/// Puts a model and its calibration behind the role's interface.
std::unique_ptr<PoseAnomalyScorer> NewPostureScorer(PostureModel model,
                                                    EmpiricalDistribution calibration,
                                                    ModelInfo info);

}  // namespace aislewatch::pose_anomaly
