#include "models/pose_anomaly/posture/posture_model.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr float kSmoothing = 0.3f;

class PostureTrack : public PoseAnomalyTrack {
 public:
  /// Without a calibration scores remain what they are.
  PostureTrack(const PostureModel& model, PostureParts parts,
               const EmpiricalDistribution* calibration)
      : stream_(model, parts), calibration_(calibration) {}

  std::optional<float> Push(const PoseSample& sample) override {
    const std::optional<float> raw = stream_.Push(sample);
    return raw && calibration_ != nullptr ? calibration_->FractionBelow(*raw) : raw;
  }

 private:
  PostureStream stream_;
  const EmpiricalDistribution* const calibration_;
};

class PostureScorer : public PoseAnomalyScorer {
 public:
  PostureScorer(PostureModel model, EmpiricalDistribution calibration, ModelInfo info,
                const ScoringOptions& scoring)
      : model_(std::move(model)),
        calibration_(std::move(calibration)),
        info_(std::move(info)),
        scoring_(scoring) {}

  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override {
    const bool calibrated = scoring_.calibrated && scoring_.parts == PostureParts::kBoth;
    return std::make_unique<PostureTrack>(model_, scoring_.parts,
                                          calibrated ? &calibration_ : nullptr);
  }
  const ModelInfo& info() const override { return info_; }

 private:
  const PostureModel model_;
  const EmpiricalDistribution calibration_;
  const ModelInfo info_;
  const ScoringOptions scoring_;
};

}  // namespace

absl::StatusOr<PoseDensity> PoseDensity::Of(GaussianMixture mixture, EmpiricalDistribution rarity) {
  AW_RETURN_IF_ERROR(mixture.Validate());
  MixtureDensity density(mixture);
  return PoseDensity{std::move(mixture), std::move(density), std::move(rarity)};
}

float PoseDensity::RarityRank(absl::Span<const float> components) const {
  return rarity.FractionBelow(-density.LogDensity(components));
}

absl::Status PostureModel::Validate() const {
  const int numbers = 2 * kJointCount;
  const size_t directions = static_cast<size_t>(projection.components) * numbers;
  bool fits = projection.dimensions == numbers && projection.components >= 1 &&
              projection.components <= numbers && projection.mean.size() == numbers &&
              projection.directions.size() == directions && !densities.empty();
  for (const PoseDensity& density : densities) {
    fits = fits && density.mixture.dimensions == projection.components;
    AW_RETURN_IF_ERROR(density.mixture.Validate());
  }
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat("the projection of poses must take ", numbers,
                                                   " numbers to the dimensions of one mixture or "
                                                   "several"));
  }
  if (concealment.size() != kConcealmentFeatureCount) {
    return absl::InvalidArgumentError(absl::StrCat(concealment.size(),
                                                   " distributions of concealment features, not ",
                                                   kConcealmentFeatureCount));
  }
  return absl::OkStatus();
}

float PostureModel::RarityRank(const Body& body) const {
  // Models have 20 components; the bound keeps the projection off the heap.
  std::array<float, 2 * kJointCount> projected;
  const absl::Span<float> components(projected.data(), projection.components);
  projection.Project(CentredPose(body), components);
  float sum = 0;
  for (const PoseDensity& density : densities) sum += density.RarityRank(components);
  return sum / static_cast<float>(densities.size());
}

float PostureModel::ConcealmentRank(const ConcealmentValues& values) const {
  float sum = 0;
  for (int f = 0; f < kConcealmentFeatureCount; ++f) {
    const float rank = concealment[f].FractionBelow(values[f]);
    sum += kConcealmentFeatures[f].sign > 0 ? rank : 1 - rank;
  }
  return sum / kConcealmentFeatureCount;
}

float PostureStream::Score(const Body& body, const ConcealmentValues& values) const {
  switch (parts_) {
    case PostureParts::kRarity:
      return model_.RarityRank(body);
    case PostureParts::kConcealment:
      return model_.ConcealmentRank(values);
    case PostureParts::kBoth:
      break;
  }
  return (model_.RarityRank(body) + model_.ConcealmentRank(values)) / 2;
}

std::optional<float> PostureStream::Push(const PoseSample& sample) {
  if (last_ && sample.time <= *last_) return std::nullopt;
  if (last_ && sample.time - *last_ > kLongestGap) {
    features_ = ConcealmentFeatures();
    age_ = 0;
  }
  const double frames = last_ ? absl::ToDoubleSeconds(sample.time - *last_) * kReferenceFps : 0;
  last_ = sample.time;
  ++age_;

  const Body body = MeasureBody(sample);
  const ConcealmentValues values = features_.Push(sample.time, body);
  if (age_ < kWarmUpPoses) return std::nullopt;
  const float score = Score(body, values);
  if (age_ == kWarmUpPoses) {
    smoothed_ = score;
  } else {
    // 0.3 at the reference rate, and as much per second at any other.
    const float kept = static_cast<float>(std::pow(1 - kSmoothing, frames));
    smoothed_ = (1 - kept) * score + kept * smoothed_;
  }
  return smoothed_;
}

std::unique_ptr<PoseAnomalyScorer> NewPostureScorer(PostureModel model,
                                                    EmpiricalDistribution calibration,
                                                    ModelInfo info, const ScoringOptions& scoring) {
  return std::make_unique<PostureScorer>(std::move(model), std::move(calibration), std::move(info),
                                         scoring);
}

}  // namespace aislewatch::pose_anomaly
