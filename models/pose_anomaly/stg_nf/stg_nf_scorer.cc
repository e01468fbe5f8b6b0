#include "models/pose_anomaly/stg_nf/stg_nf_scorer.h"

#include <cmath>
#include <limits>
#include <utility>

#include "models/pose_anomaly/stg_nf/pose_windows.h"

namespace aislewatch::pose_anomaly {
namespace {

class StgNfTrack : public PoseAnomalyTrack {
 public:
  /// Without a calibration scores remain bits per dimension.
  StgNfTrack(StgNf flow, const EmpiricalDistribution* calibration)
      : flow_(std::move(flow)), calibration_(calibration), windows_(flow_->options().window) {}

  std::optional<float> Push(const PoseSample& sample) override {
    std::optional<StgWindow> window = windows_.Push(sample);
    if (!window) return std::nullopt;
    torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::from_blob(
        window->data(), {1, kStgChannels, flow_->options().window, kStgJoints}, torch::kFloat);
    const float nll = flow_->NegativeLogLikelihood(x).item<float>();
    // Poses so far off that the likelihood overflows are as anomalous as can be.
    if (calibration_ == nullptr) {
      return std::isfinite(nll) ? nll : std::numeric_limits<float>::max();
    }
    return std::isfinite(nll) ? calibration_->FractionBelow(nll) : 1.0f;
  }

 private:
  StgNf flow_;  // shared with the scorer; evaluation changes nothing in it
  const EmpiricalDistribution* const calibration_;
  PoseWindows windows_;
};

class StgNfScorer : public PoseAnomalyScorer {
 public:
  StgNfScorer(StgNf flow, EmpiricalDistribution calibration, ModelInfo info, bool calibrated)
      : flow_(std::move(flow)),
        calibration_(std::move(calibration)),
        info_(std::move(info)),
        calibrated_(calibrated) {}

  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override {
    return std::make_unique<StgNfTrack>(flow_, calibrated_ ? &calibration_ : nullptr);
  }
  const ModelInfo& info() const override { return info_; }

 private:
  const StgNf flow_;
  const EmpiricalDistribution calibration_;
  const ModelInfo info_;
  const bool calibrated_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> NewStgNfScorer(StgNf flow,
                                                                  EmpiricalDistribution calibration,
                                                                  ModelInfo info,
                                                                  const ScoringOptions& scoring) {
  if (scoring.parts != PostureParts::kBoth) {
    return absl::InvalidArgumentError(
        "stg_nf has no parts; only posture has rarity and concealment");
  }
  return std::make_unique<StgNfScorer>(std::move(flow), std::move(calibration), std::move(info),
                                       scoring.calibrated);
}

}  // namespace aislewatch::pose_anomaly
