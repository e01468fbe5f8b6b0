// The posture scorer: how rare a pose is, and how much it is one of concealing.
//
// Two parts, each a rank among normal shopping, averaged and smoothed. (A) The density of single
// poses: hip-centred keypoints in trunk lengths, projected on 20 principal components, under
// mixtures of 8 Gaussians; the mean of the ranks under each. (B) Eight measures of arms, trunk and
// speed with fixed signs (concealment_features.h). docs/models/pose-anomaly.md has the measurements
// that led here.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/posture/concealment_features.h"
#include "models/pose_anomaly/scoring_options.h"
#include "models/pose_anomaly/statistics/empirical_distribution.h"
#include "models/pose_anomaly/statistics/gaussian_mixture.h"
#include "models/pose_anomaly/statistics/principal_components.h"

namespace aislewatch::pose_anomaly {

/// A density of single poses.
struct PoseDensity {
  /// Of the poses' principal components, and the same laid out for scoring.
  GaussianMixture mixture;
  MixtureDensity density;
  /// Of -log p on normal poses that the mixture was not fitted to: on its own ones it would call
  /// any new pose rarer than it is.
  EmpiricalDistribution rarity;

  /// INVALID_ARGUMENT where the mixture is not valid.
  static absl::StatusOr<PoseDensity> Of(GaussianMixture mixture, EmpiricalDistribution rarity);

  /// The fraction of those poses that are less rare; `components`: a pose's principal components.
  float RarityRank(absl::Span<const float> components) const;
};

/// Everything fitted but the calibration. Immutable once fitted; thread-safe then.
struct PostureModel {
  /// What all densities share: it is less than they differ in, and as much work as one of them.
  PrincipalComponents projection;
  /// At least one. Several are cross-fitted: each is blind to a part of the normal clips, whose
  /// poses give its ranks, so that no single division of the clips decides what is rare.
  std::vector<PoseDensity> densities;
  /// Of each concealment feature on normal poses, in the features' order.
  std::vector<EmpiricalDistribution> concealment;

  /// INVALID_ARGUMENT where a part has the wrong size.
  absl::Status Validate() const;

  /// Part A, 0..1: the mean of the densities' ranks.
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
  explicit PostureStream(const PostureModel& model, PostureParts parts = PostureParts::kBoth)
      : model_(model), parts_(parts) {}

  /// The mean of both parts' ranks, or that of one part alone, exponentially smoothed (weight 0.3
  /// per 1/15 s); 0..1 but not calibrated. Nothing during the warm-up, nor for a pose that is not
  /// later than the one before.
  std::optional<float> Push(const PoseSample& sample);

 private:
  float Score(const Body& body, const ConcealmentValues& values) const;

  const PostureModel& model_;
  const PostureParts parts_;
  ConcealmentFeatures features_;
  std::optional<absl::Time> last_;
  int age_ = 0;
  float smoothed_ = 0;
};

/// Puts a valid model and its calibration behind the role's interface.
std::unique_ptr<PoseAnomalyScorer> NewPostureScorer(PostureModel model,
                                                    EmpiricalDistribution calibration,
                                                    ModelInfo info,
                                                    const ScoringOptions& scoring = {});

}  // namespace aislewatch::pose_anomaly
