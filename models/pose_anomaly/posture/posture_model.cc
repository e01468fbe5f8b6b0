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
  PostureTrack(const PostureModel& model, const EmpiricalDistribution& calibration)
      : stream_(model), calibration_(calibration) {}

  std::optional<float> Push(const PoseSample& sample) override {
    const std::optional<float> raw = stream_.Push(sample);
    if (!raw) return std::nullopt;
    return calibration_.FractionBelow(*raw);
  }

 private:
  PostureStream stream_;
  const EmpiricalDistribution& calibration_;
};

class PostureScorer : public PoseAnomalyScorer {
 public:
  PostureScorer(PostureModel model, EmpiricalDistribution calibration, ModelInfo info)
      : model_(std::move(model)), calibration_(std::move(calibration)), info_(std::move(info)) {}

  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override {
    return std::make_unique<PostureTrack>(model_, calibration_);
  }
  const ModelInfo& info() const override { return info_; }

 private:
  const PostureModel model_;
  const EmpiricalDistribution calibration_;
  const ModelInfo info_;
};

}  // namespace

float PoseDensity::Rarity(const PoseVector& pose) const {
  // Models have 20 components; the bound keeps the projection off the heap.
  std::array<float, 2 * kJointCount> projected;
  const absl::Span<float> out(projected.data(), projection.components);
  projection.Project(pose, out);
  return -mixture.LogDensity(out);
}

absl::Status PostureModel::Validate() const {
  const PrincipalComponents& p = density.projection;
  const int numbers = 2 * kJointCount;
  const size_t directions = static_cast<size_t>(p.components) * numbers;
  if (p.dimensions != numbers || p.components < 1 || p.components > numbers ||
      p.mean.size() != numbers || p.directions.size() != directions ||
      density.mixture.dimensions != p.components) {
    return absl::InvalidArgumentError(absl::StrCat("the projection of poses must take ", numbers,
                                                   " numbers to the mixture's dimensions"));
  }
  if (concealment.size() != kConcealmentFeatureCount) {
    return absl::InvalidArgumentError(absl::StrCat(concealment.size(),
                                                   " distributions of concealment features, not ",
                                                   kConcealmentFeatureCount));
  }
  return density.mixture.Validate();
}

float PostureModel::RarityRank(const Body& body) const {
  return rarity.FractionBelow(density.Rarity(CentredPose(body)));
}

float PostureModel::ConcealmentRank(const ConcealmentValues& values) const {
  float sum = 0;
  for (int f = 0; f < kConcealmentFeatureCount; ++f) {
    const float rank = concealment[f].FractionBelow(values[f]);
    sum += kConcealmentFeatures[f].sign > 0 ? rank : 1 - rank;
  }
  return sum / kConcealmentFeatureCount;
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
  const float score = (model_.RarityRank(body) + model_.ConcealmentRank(values)) / 2;
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
                                                    ModelInfo info) {
  return std::make_unique<PostureScorer>(std::move(model), std::move(calibration), std::move(info));
}

}  // namespace aislewatch::pose_anomaly
