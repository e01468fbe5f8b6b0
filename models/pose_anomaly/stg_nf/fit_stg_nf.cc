#include "models/pose_anomaly/stg_nf/fit_stg_nf.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include <torch/nn/utils/clip_grad.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"
#include "models/pose_anomaly/dataset/split.h"
#include "models/pose_anomaly/stg_nf/adamax.h"
#include "models/pose_anomaly/stg_nf/pose_windows.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr double kLargestGradient = 100;
constexpr int64_t kScoringBatch = 1024;

absl::Status CheckOptions(const StgNfFitOptions& o) {
  AW_RETURN_IF_ERROR(CheckStgNfOptions(o.flow));
  if (o.epochs < 1 || o.batch < 2 || o.stride < 1 || !(o.learning_rate > 0)) {
    return absl::InvalidArgumentError(
        "epochs and stride must be at least 1, the batch at least 2 and the learning rate "
        "positive");
  }
  return absl::OkStatus();
}

// [n, 2, T, 18].
torch::Tensor ToTensor(const std::vector<StgWindow>& windows, int window) {
  torch::Tensor all =
      torch::empty({static_cast<int64_t>(windows.size()), kStgChannels, window, kStgJoints});
  float* out = all.data_ptr<float>();
  for (const StgWindow& w : windows) out = std::copy(w.begin(), w.end(), out);
  return all;
}

// The windows and their mirror images. Left and right joints need not be exchanged: the graph is
// symmetric.
torch::Tensor WithMirrorImages(const torch::Tensor& windows) {
  const torch::Tensor sign = torch::tensor({-1.0f, 1.0f}).view({1, kStgChannels, 1, 1});
  return torch::cat({windows, windows * sign});
}

std::vector<int64_t> RandomOrder(int64_t n, std::mt19937_64& random) {
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  Shuffle(order, random);
  return order;
}

class Trainer {
 public:
  Trainer(const StgNfFitOptions& options, torch::Tensor windows, const StgNfProgress& progress)
      : options_(options),
        windows_(std::move(windows)),
        progress_(progress),
        random_(options.seed),
        flow_(options.flow),
        optimizer_(flow_->parameters(), options.learning_rate) {}

  absl::StatusOr<std::pair<StgNf, double>> Run() {
    double loss = 0;
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      optimizer_.SetLearningRate(options_.learning_rate * std::pow(options_.decay, epoch));
      loss = Epoch(epoch);
      if (!std::isfinite(loss)) {
        return absl::InternalError(
            absl::StrCat("training diverged in epoch ", epoch + 1, "; lower the learning rate"));
      }
    }
    flow_->eval();
    return std::pair{flow_, loss};
  }

 private:
  double Epoch(int epoch) {
    flow_->train();
    const int64_t n = windows_.size(0), batches = (n + options_.batch - 1) / options_.batch;
    const std::vector<int64_t> order = RandomOrder(n, random_);
    double sum = 0;
    for (int64_t b = 0; b < batches; ++b) {
      const int64_t first = b * options_.batch, last = std::min(n, first + options_.batch);
      const torch::Tensor indices =
          torch::tensor(std::vector<int64_t>(order.begin() + first, order.begin() + last));
      const torch::Tensor x = windows_.index_select(0, indices);
      if (epoch == 0 && b == 0) flow_->Initialize(x);
      sum += Step(x) * static_cast<double>(last - first);
      if (progress_) {
        const double done = epoch + static_cast<double>(b + 1) / static_cast<double>(batches);
        progress_(0.95 * done / options_.epochs,
                  absl::StrFormat("epoch %d of %d, %.3f bits", epoch + 1, options_.epochs,
                                  sum / static_cast<double>(last)));
      }
    }
    return sum / static_cast<double>(n);
  }

  double Step(const torch::Tensor& x) {
    const torch::Tensor loss = flow_->NegativeLogLikelihood(x).mean();
    optimizer_.ZeroGrad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(flow_->parameters(), kLargestGradient);
    optimizer_.Step();
    return loss.item<double>();
  }

  const StgNfFitOptions options_;
  const torch::Tensor windows_;
  const StgNfProgress& progress_;
  std::mt19937_64 random_;
  StgNf flow_;
  Adamax optimizer_;
};

absl::StatusOr<EmpiricalDistribution> Calibrate(StgNf flow, const torch::Tensor& windows) {
  torch::NoGradGuard no_grad;
  std::vector<float> scores;
  for (int64_t first = 0; first < windows.size(0); first += kScoringBatch) {
    const int64_t count = std::min(kScoringBatch, windows.size(0) - first);
    const torch::Tensor nll =
        flow->NegativeLogLikelihood(windows.narrow(0, first, count)).contiguous();
    scores.insert(scores.end(), nll.data_ptr<float>(), nll.data_ptr<float>() + count);
  }
  return EmpiricalDistribution::Of(std::move(scores));
}

absl::StatusOr<FittedStgNf> Fit(const std::vector<PoseClip>& clips, const StgNfFitOptions& options,
                                const StgNfProgress& progress) {
  AW_ASSIGN_OR_RETURN(const ClipSplit split, SplitClips(clips, options.held_back, options.seed));
  const int window = options.flow.window;
  const std::vector<StgWindow> train = CutWindows(split.fit, window, options.stride);
  const std::vector<StgWindow> held_back = CutWindows(split.held_back, window, 1);
  if (train.empty() || held_back.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "too few tracks of ", window, " frames: ", train.size(), " windows to train on and ",
        held_back.size(), " to calibrate with; give more clips or a shorter window"));
  }
  torch::manual_seed(options.seed);
  Trainer trainer(options, WithMirrorImages(ToTensor(train, window)), progress);
  AW_ASSIGN_OR_RETURN(auto trained, trainer.Run());
  if (progress) progress(0.95, "calibrating");
  AW_ASSIGN_OR_RETURN(EmpiricalDistribution calibration,
                      Calibrate(trained.first, ToTensor(held_back, window)));
  if (progress) progress(1, "done");
  return FittedStgNf{trained.first, std::move(calibration), trained.second};
}

}  // namespace

absl::StatusOr<FittedStgNf> FitStgNf(const std::vector<PoseClip>& clips,
                                     const StgNfFitOptions& options,
                                     const StgNfProgress& progress) {
  AW_RETURN_IF_ERROR(CheckOptions(options));
  return CatchTorch("training STG-NF", [&] { return Fit(clips, options, progress); });
}

}  // namespace aislewatch::pose_anomaly
