#include "models/pose_anomaly/calibration/calibration.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr absl::Duration kForgetAfter = absl::Minutes(1);

class CalibratedTrack : public PoseAnomalyTrack {
 public:
  CalibratedTrack(std::unique_ptr<PoseAnomalyTrack> track, const EmpiricalDistribution& normal)
      : track_(std::move(track)), normal_(normal) {}

  std::optional<float> Push(const PoseSample& sample) override {
    const std::optional<float> score = track_->Push(sample);
    if (!score) return score;
    return normal_.FractionBelow(*score);
  }

 private:
  const std::unique_ptr<PoseAnomalyTrack> track_;
  const EmpiricalDistribution& normal_;
};

class CalibratedScorer : public PoseAnomalyScorer {
 public:
  CalibratedScorer(std::shared_ptr<const PoseAnomalyScorer> scorer, EmpiricalDistribution normal)
      : scorer_(std::move(scorer)), normal_(std::move(normal)) {}

  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override {
    return std::make_unique<CalibratedTrack>(scorer_->NewTrack(), normal_);
  }
  const ModelInfo& info() const override { return scorer_->info(); }

 private:
  const std::shared_ptr<const PoseAnomalyScorer> scorer_;
  const EmpiricalDistribution normal_;
};

}  // namespace

void CameraCalibrator::Push(uint64_t track_id, const PoseSample& sample) {
  if (sample.time >= next_cleaning_) {
    std::erase_if(tracks_, [&](const auto& entry) {
      return sample.time - entry.second.last_seen > kForgetAfter;
    });
    next_cleaning_ = sample.time + kForgetAfter;
  }
  Track& track = tracks_[track_id];
  if (track.scorer == nullptr) track.scorer = scorer_.NewTrack();
  track.last_seen = sample.time;
  const std::optional<float> score = track.scorer->Push(sample);
  if (score && std::isfinite(*score)) scores_.push_back(*score);
}

absl::StatusOr<CameraCalibration> CameraCalibrator::Finish(absl::string_view camera_id,
                                                           uint64_t least_poses) const {
  if (poses() < least_poses || scores_.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("camera ", std::string(camera_id), " gave ", poses(), " poses with a score, of ",
                     least_poses, " that are needed; watch it for longer, while people are there"));
  }
  AW_ASSIGN_OR_RETURN(EmpiricalDistribution normal, EmpiricalDistribution::Of(scores_));
  return CameraCalibration{std::string(camera_id), scorer_.info(), poses(), std::move(normal)};
}

std::unique_ptr<PoseAnomalyScorer> NewCalibratedScorer(
    std::shared_ptr<const PoseAnomalyScorer> scorer, EmpiricalDistribution normal) {
  return std::make_unique<CalibratedScorer>(std::move(scorer), std::move(normal));
}

}  // namespace aislewatch::pose_anomaly
