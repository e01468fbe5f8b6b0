#include "models/clip_networks/network_classifier.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"
#include "models/clip_networks/pose_inputs.h"

namespace aislewatch::clip_networks {

namespace {

// OpenMP keeps the number for each thread, and the calling thread is not known beforehand.
void UseThreads(int threads) {
  thread_local int used = 0;
  if (threads == 0 || used == threads) return;
  at::set_num_threads(threads);
  used = threads;
}

}  // namespace

NetworkClassifier::NetworkClassifier(ModelInfo info, ClipNetworkPtr network, torch::Device device,
                                     int threads)
    : info_(std::move(info)), network_(std::move(network)), device_(device), threads_(threads) {}

absl::StatusOr<std::vector<CropFeatures>> NetworkClassifier::Embed(
    absl::Span<const PersonView> views) {
  if (views.empty()) return std::vector<CropFeatures>();
  for (size_t i = 0; i < views.size(); ++i) {
    for (const cv::Mat* picture : {&views[i].crop, &views[i].previous}) {
      const bool is_absent = picture->empty() && picture == &views[i].previous;
      if (is_absent || (!picture->empty() && picture->type() == CV_8UC3)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("crop ", i, " of ", views.size(), " is empty or no 8-bit BGR picture"));
    }
  }
  return CatchTorch("the classifier's picture part", [&]() -> absl::StatusOr<std::vector<CropFeatures>> {
    const torch::InferenceMode no_gradients;
    UseThreads(threads_);
    network_->eval();
    torch::Tensor picture = torch::zeros({static_cast<int64_t>(views.size()), 0});
    if (network_->options().sees_pictures()) {
      picture = network_->Picture(network_->Maps(network_->Inputs(views).to(device_)));
    }
    const torch::Tensor output =
        network_->Features(picture.to(device_), KeypointsToTensor(views).to(device_))
            .to(torch::kCPU, torch::kFloat32)
            .contiguous();
    const auto size = static_cast<size_t>(output.size(1));
    const float* row = output.data_ptr<float>();
    std::vector<CropFeatures> features;
    features.reserve(views.size());
    for (size_t i = 0; i < views.size(); ++i, row += size) features.emplace_back(row, row + size);
    return features;
  });
}

absl::Status NetworkClassifier::CheckWindows(
    absl::Span<const std::vector<CropFeatures>> windows) const {
  const auto longest = static_cast<size_t>(window());
  const auto size = static_cast<size_t>(network_->crop_features());
  for (const std::vector<CropFeatures>& steps : windows) {
    if (steps.empty() || steps.size() > longest) {
      return absl::InvalidArgumentError(absl::StrCat("a window has ", steps.size(),
                                                     " crops; it must have 1..", longest));
    }
    for (const CropFeatures& step : steps) {
      if (step.size() == size) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "features of ", step.size(), " floats do not come from this model, which makes ", size));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ActionScores>> NetworkClassifier::Score(
    absl::Span<const std::vector<CropFeatures>> windows) {
  if (windows.empty()) return std::vector<ActionScores>();
  AW_RETURN_IF_ERROR(CheckWindows(windows));
  size_t longest = 0;
  for (const auto& steps : windows) longest = std::max(longest, steps.size());
  return CatchTorch("the classifier's sequence part", [&]() -> absl::StatusOr<std::vector<ActionScores>> {
    const torch::InferenceMode no_gradients;
    UseThreads(threads_);
    network_->eval();
    const int64_t size = network_->crop_features();
    const auto count = static_cast<int64_t>(windows.size());
    torch::Tensor features = torch::zeros({count, static_cast<int64_t>(longest), size});
    torch::Tensor lengths = torch::empty({count}, torch::kInt64);
    auto* row = features.data_ptr<float>();
    for (int64_t i = 0; i < count; ++i, row += longest * static_cast<size_t>(size)) {
      const std::vector<CropFeatures>& steps = windows[static_cast<size_t>(i)];
      lengths[i] = static_cast<int64_t>(steps.size());
      for (size_t t = 0; t < steps.size(); ++t) {
        std::memcpy(row + t * static_cast<size_t>(size), steps[t].data(),
                    static_cast<size_t>(size) * sizeof(float));
      }
    }
    return ScoresFromLogits(network_->Classify(features.to(device_), lengths.to(device_)));
  });
}

std::vector<ActionScores> ScoresFromLogits(const torch::Tensor& logits) {
  const torch::Tensor probabilities =
      torch::softmax(logits.to(torch::kCPU, torch::kFloat32), 1).contiguous();
  const float* row = probabilities.data_ptr<float>();
  std::vector<ActionScores> scores(static_cast<size_t>(probabilities.size(0)));
  for (ActionScores& score : scores) {
    std::copy(row, row + kActionCount, score.probability.begin());
    score.shoplifting = row[static_cast<size_t>(Action::kConcealingInClothes)] +
                        row[static_cast<size_t>(Action::kConcealingInBag)];
    row += kActionCount;
  }
  return scores;
}

}  // namespace aislewatch::clip_networks
