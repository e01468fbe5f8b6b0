#include "models/pose_anomaly/posture/fit_posture.h"

#include <array>
#include <numeric>
#include <random>
#include <utility>

#include "common/base/status.h"
#include "models/pose_anomaly/dataset/split.h"

namespace aislewatch::pose_anomaly {
namespace {

void Report(const FitProgress& progress, double fraction, absl::string_view what) {
  if (progress) progress(fraction, what);
}

std::vector<Body> Bodies(const std::vector<const PoseClip*>& clips) {
  std::vector<Body> bodies;
  for (const PoseClip* clip : clips) {
    for (const ClipTrack& track : clip->tracks) {
      for (const ClipPose& pose : track.poses) bodies.push_back(MeasureBody(ToSample(pose)));
    }
  }
  return bodies;
}

absl::StatusOr<PoseDensity> FitDensity(std::vector<Body> bodies, const PostureFitOptions& options,
                                       const FitProgress& progress) {
  std::mt19937_64 random(options.seed);
  Shuffle(bodies, random);
  if (bodies.size() > options.most_poses) bodies.resize(options.most_poses);
  std::vector<float> rows;
  for (const Body& body : bodies) {
    for (bool mirrored : {false, true}) {
      const PoseVector pose = CentredPose(body, mirrored);
      rows.insert(rows.end(), pose.begin(), pose.end());
    }
  }
  constexpr int kNumbers = 2 * kJointCount;
  PoseDensity density;
  AW_ASSIGN_OR_RETURN(density.projection,
                      FitPrincipalComponents(rows, kNumbers, options.components));
  std::vector<float> projected(rows.size() / kNumbers * options.components);
  for (size_t r = 0; r < rows.size() / kNumbers; ++r) {
    density.projection.Project(
        {rows.data() + r * kNumbers, kNumbers},
        {projected.data() + r * options.components, static_cast<size_t>(options.components)});
  }
  Report(progress, 0.2, "fitting the density of poses");
  MixtureFitOptions mixture = options.mixture;
  mixture.seed = options.seed;
  AW_ASSIGN_OR_RETURN(density.mixture, FitGaussianMixture(projected, options.components, mixture));
  return density;
}

absl::StatusOr<EmpiricalDistribution> RarityOf(const PoseDensity& density,
                                               const std::vector<Body>& bodies) {
  std::vector<float> rarities;
  rarities.reserve(bodies.size());
  for (const Body& body : bodies) rarities.push_back(density.Rarity(CentredPose(body)));
  return EmpiricalDistribution::Of(std::move(rarities));
}

// Of every feature, on all poses that are past the warm-up.
absl::StatusOr<std::vector<EmpiricalDistribution>> ConcealmentOf(
    const std::vector<PoseClip>& clips) {
  std::array<std::vector<float>, kConcealmentFeatureCount> values;
  for (const PoseClip& clip : clips) {
    for (const ClipTrack& track : clip.tracks) {
      ConcealmentFeatures features;
      int age = 0;
      for (const ClipPose& pose : track.poses) {
        const PoseSample sample = ToSample(pose);
        const ConcealmentValues now = features.Push(sample.time, MeasureBody(sample));
        if (++age < kWarmUpPoses) continue;
        for (int f = 0; f < kConcealmentFeatureCount; ++f) values[f].push_back(now[f]);
      }
    }
  }
  std::vector<EmpiricalDistribution> distributions;
  for (std::vector<float>& v : values) {
    AW_ASSIGN_OR_RETURN(EmpiricalDistribution d, EmpiricalDistribution::Of(std::move(v)));
    distributions.push_back(std::move(d));
  }
  return distributions;
}

absl::StatusOr<EmpiricalDistribution> CalibrationOf(const PostureModel& model,
                                                    const std::vector<const PoseClip*>& clips) {
  std::vector<float> scores;
  for (const PoseClip* clip : clips) {
    for (const ClipTrack& track : clip->tracks) {
      PostureStream stream(model);
      for (const ClipPose& pose : track.poses) {
        if (const auto score = stream.Push(ToSample(pose))) scores.push_back(*score);
      }
    }
  }
  return EmpiricalDistribution::Of(std::move(scores));
}

}  // namespace

absl::StatusOr<FittedPosture> FitPosture(const std::vector<PoseClip>& clips,
                                         const PostureFitOptions& options,
                                         const FitProgress& progress) {
  AW_ASSIGN_OR_RETURN(const ClipSplit split, SplitClips(clips, options.held_back, options.seed));
  Report(progress, 0.1, "measuring poses");
  AW_ASSIGN_OR_RETURN(PoseDensity density, FitDensity(Bodies(split.fit), options, progress));
  Report(progress, 0.8, "ranking normal poses");
  absl::StatusOr<EmpiricalDistribution> rarity = RarityOf(density, Bodies(split.held_back));
  if (!rarity.ok()) return Annotate(rarity.status(), "poses of the clips held back");
  absl::StatusOr<std::vector<EmpiricalDistribution>> concealment = ConcealmentOf(clips);
  if (!concealment.ok()) return Annotate(concealment.status(), "tracks of five poses or more");
  PostureModel model{std::move(density), *std::move(rarity), *std::move(concealment)};
  AW_RETURN_IF_ERROR(model.Validate());
  Report(progress, 0.9, "calibrating");
  absl::StatusOr<EmpiricalDistribution> calibration = CalibrationOf(model, split.held_back);
  if (!calibration.ok()) {
    return Annotate(calibration.status(), "tracks of five poses or more in the clips held back");
  }
  Report(progress, 1, "done");
  return FittedPosture{std::move(model), *std::move(calibration)};
}

}  // namespace aislewatch::pose_anomaly
