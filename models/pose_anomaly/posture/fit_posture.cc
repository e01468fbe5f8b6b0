#include "models/pose_anomaly/posture/fit_posture.h"

#include <array>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/pose_anomaly/dataset/split.h"

namespace aislewatch::pose_anomaly {
namespace {

/// Of the clips, where there is one density alone.
constexpr double kHeldBack = 0.3;
/// Between the seeds of the densities of one model: no small number, so that they are not those of
/// the next model.
constexpr uint64_t kSeedStep = 0x9E3779B97F4A7C15;

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

// At most `most` of the poses, drawn at random, and their mirror images, row by row.
std::vector<float> Sample(std::vector<Body> bodies, size_t most, uint64_t seed) {
  std::mt19937_64 random(seed);
  Shuffle(bodies, random);
  if (bodies.size() > most) bodies.resize(most);
  std::vector<float> rows;
  for (const Body& body : bodies) {
    for (bool mirrored : {false, true}) {
      const PoseVector pose = CentredPose(body, mirrored);
      rows.insert(rows.end(), pose.begin(), pose.end());
    }
  }
  return rows;
}

std::vector<float> Projected(const PrincipalComponents& projection,
                             const std::vector<float>& rows) {
  const size_t in = projection.dimensions, out = projection.components;
  std::vector<float> projected(rows.size() / in * out);
  for (size_t r = 0; r < rows.size() / in; ++r) {
    projection.Project({rows.data() + r * in, in}, {projected.data() + r * out, out});
  }
  return projected;
}

absl::StatusOr<EmpiricalDistribution> RarityOf(const PrincipalComponents& projection,
                                               const MixtureDensity& density,
                                               const std::vector<Body>& bodies) {
  std::vector<float> rarities;
  rarities.reserve(bodies.size());
  std::vector<float> components(projection.components);
  for (const Body& body : bodies) {
    projection.Project(CentredPose(body), absl::MakeSpan(components));
    rarities.push_back(-density.LogDensity(components));
  }
  return EmpiricalDistribution::Of(std::move(rarities));
}

absl::StatusOr<PoseDensity> FitDensity(const PrincipalComponents& projection,
                                       const ClipSplit& split, const PostureFitOptions& options,
                                       uint64_t seed) {
  MixtureFitOptions mixture_options = options.mixture;
  mixture_options.seed = seed;
  const std::vector<float> rows =
      Projected(projection, Sample(Bodies(split.fit), options.most_poses, seed));
  AW_ASSIGN_OR_RETURN(GaussianMixture mixture,
                      FitGaussianMixture(rows, projection.components, mixture_options));
  absl::StatusOr<EmpiricalDistribution> rarity =
      RarityOf(projection, MixtureDensity(mixture), Bodies(split.held_back));
  if (!rarity.ok()) return Annotate(rarity.status(), "poses of the clips held back");
  return PoseDensity::Of(std::move(mixture), *std::move(rarity));
}

// Of every feature, on all poses that are past the warm-up: nothing is fitted that could know its
// own clips again, so none need be held back.
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

// Scores of the clips of each split, by the density that is blind to them.
absl::StatusOr<EmpiricalDistribution> CalibrationOf(const PostureModel& model,
                                                    const std::vector<ClipSplit>& splits) {
  std::vector<float> scores;
  for (size_t i = 0; i < splits.size(); ++i) {
    const PostureModel blind{model.projection, {model.densities[i]}, model.concealment};
    for (const PoseClip* clip : splits[i].held_back) {
      for (const ClipTrack& track : clip->tracks) {
        PostureStream stream(blind);
        for (const ClipPose& pose : track.poses) {
          if (const auto score = stream.Push(ToSample(pose))) scores.push_back(*score);
        }
      }
    }
  }
  return EmpiricalDistribution::Of(std::move(scores));
}

absl::StatusOr<std::vector<ClipSplit>> Splits(const std::vector<PoseClip>& clips,
                                              const PostureFitOptions& options) {
  if (options.densities != 1) return FoldClips(clips, options.densities, options.seed);
  AW_ASSIGN_OR_RETURN(ClipSplit split, SplitClips(clips, kHeldBack, options.seed));
  return std::vector<ClipSplit>{std::move(split)};
}

// The clips that some density is fitted to: of several, all.
std::vector<const PoseClip*> ClipsToFit(const std::vector<PoseClip>& clips,
                                        const std::vector<ClipSplit>& splits) {
  if (splits.size() == 1) return splits.front().fit;
  std::vector<const PoseClip*> all;
  for (const PoseClip& clip : clips) all.push_back(&clip);
  return all;
}

}  // namespace

absl::StatusOr<FittedPosture> FitPosture(const std::vector<PoseClip>& clips,
                                         const PostureFitOptions& options,
                                         const FitProgress& progress) {
  AW_ASSIGN_OR_RETURN(const std::vector<ClipSplit> splits, Splits(clips, options));
  Report(progress, 0.05, "measuring poses");
  PostureModel model;
  AW_ASSIGN_OR_RETURN(model.projection,
                      FitPrincipalComponents(Sample(Bodies(ClipsToFit(clips, splits)),
                                                    options.most_poses, options.seed),
                                             2 * kJointCount, options.components));
  for (size_t i = 0; i < splits.size(); ++i) {
    Report(progress, 0.1 + 0.8 * static_cast<double>(i) / static_cast<double>(splits.size()),
           absl::StrCat("fitting density ", i + 1, " of ", splits.size()));
    AW_ASSIGN_OR_RETURN(PoseDensity density, FitDensity(model.projection, splits[i], options,
                                                        options.seed + i * kSeedStep));
    model.densities.push_back(std::move(density));
  }
  absl::StatusOr<std::vector<EmpiricalDistribution>> concealment = ConcealmentOf(clips);
  if (!concealment.ok()) return Annotate(concealment.status(), "tracks of five poses or more");
  model.concealment = *std::move(concealment);
  AW_RETURN_IF_ERROR(model.Validate());
  Report(progress, 0.9, "calibrating");
  absl::StatusOr<EmpiricalDistribution> calibration = CalibrationOf(model, splits);
  if (!calibration.ok()) {
    return Annotate(calibration.status(), "tracks of five poses or more in the clips held back");
  }
  Report(progress, 1, "done");
  return FittedPosture{std::move(model), *std::move(calibration)};
}

}  // namespace aislewatch::pose_anomaly
