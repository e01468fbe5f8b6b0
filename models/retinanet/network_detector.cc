#include "models/retinanet/network_detector.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/inference/torch_guard.h"
#include "common/vision/letterbox.h"

namespace aislewatch::retinanet {
namespace {

/// Best candidates that are looked at, and detections that are reported, per picture.
constexpr size_t kMaxCandidates = 1000;
constexpr size_t kMaxDetections = 100;

// OpenMP keeps the number for each thread, and the calling thread is not known beforehand.
void UseThreads(int threads) {
  thread_local int used = 0;
  if (threads == 0 || used == threads) return;
  at::set_num_threads(threads);
  used = threads;
}

PixelBox CutTo(const PixelBox& box, float side) {
  const auto inside = [side](float value) { return std::clamp(value, 0.0f, side); };
  return {inside(box.left), inside(box.top), inside(box.right), inside(box.bottom)};
}

NormalizedBox CutToPicture(const NormalizedBox& box) {
  const float left = std::clamp(box.x, 0.0f, 1.0f);
  const float top = std::clamp(box.y, 0.0f, 1.0f);
  return {left, top, std::clamp(box.right(), 0.0f, 1.0f) - left,
          std::clamp(box.bottom(), 0.0f, 1.0f) - top};
}

}  // namespace

std::vector<Candidate> DecodePredictions(const torch::Tensor& logits, const torch::Tensor& codes,
                                         absl::Span<const PixelBox> anchors,
                                         const Options& options) {
  const torch::Tensor scores = torch::sigmoid(logits.to(torch::kCPU, torch::kFloat32)).contiguous();
  const torch::Tensor offsets = codes.to(torch::kCPU, torch::kFloat32).contiguous();
  const auto classes = static_cast<size_t>(scores.size(1));
  const float* score = scores.data_ptr<float>();
  const float* code = offsets.data_ptr<float>();
  const auto least = static_cast<float>(options.min_score);
  std::vector<std::pair<float, size_t>> best;
  for (size_t i = 0; i < anchors.size() * classes; ++i) {
    // Also false for what is no number.
    if (score[i] >= least) best.emplace_back(score[i], i);
  }
  const size_t count = std::min(best.size(), kMaxCandidates);
  std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(count), best.end(),
                    [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first > b.first : a.second < b.second;
                    });
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < count; ++i) {
    const size_t anchor = best[i].second / classes;
    const float* c = code + 4 * anchor;
    const PixelBox box = CutTo(DecodeBox(anchors[anchor], {c[0], c[1], c[2], c[3]}),
                               static_cast<float>(options.input_side));
    if (!(box.area() > 0)) continue;
    candidates.push_back({box, static_cast<int>(best[i].second % classes), best[i].first});
  }
  std::vector<Candidate> kept;
  for (const size_t index :
       SuppressWeaker(candidates, static_cast<float>(options.nms_iou), kMaxDetections)) {
    kept.push_back(candidates[index]);
  }
  return kept;
}

NetworkDetector::NetworkDetector(ModelInfo info, std::vector<ObjectClass> classes, Network network,
                                 torch::Device device, int threads)
    : info_(std::move(info)),
      classes_(std::move(classes)),
      network_(std::move(network)),
      device_(device),
      threads_(threads),
      anchors_(MakeAnchors(network_->options())) {}

absl::StatusOr<std::vector<std::vector<DetectedObject>>> NetworkDetector::Detect(
    absl::Span<const cv::Mat> images) {
  if (images.empty()) return std::vector<std::vector<DetectedObject>>();
  for (size_t i = 0; i < images.size(); ++i) {
    if (!images[i].empty() && images[i].type() == CV_8UC3) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("picture ", i, " of ", images.size(), " is empty or no 8-bit BGR picture"));
  }
  using Found = std::vector<std::vector<DetectedObject>>;
  return CatchTorch("the object detector", [&]() -> absl::StatusOr<Found> {
    const torch::InferenceMode no_gradients;
    UseThreads(threads_);
    network_->eval();
    const Options& options = network_->options();
    std::vector<Letterbox> letterboxes;
    std::vector<cv::Mat> fitted;
    for (const cv::Mat& image : images) {
      letterboxes.push_back(
          FitLetterbox({image.cols, image.rows}, {options.input_side, options.input_side}));
      fitted.push_back(ApplyLetterbox(image, letterboxes.back(), cv::Scalar(0, 0, 0)));
    }
    const Predictions predictions =
        network_->forward(PicturesToTensor(fitted, options.input_side).to(device_));
    const auto side = static_cast<float>(options.input_side);
    Found found(images.size());
    for (size_t i = 0; i < images.size(); ++i) {
      const auto index = static_cast<int64_t>(i);
      for (const Candidate& candidate : DecodePredictions(
               predictions.logits[index], predictions.codes[index], anchors_, options)) {
        const PixelBox& box = candidate.box;
        const NormalizedBox in_picture = CutToPicture(
            ToSource(letterboxes[i], NormalizedBox{box.left / side, box.top / side,
                                                   box.width() / side, box.height() / side}));
        // Nothing of it is left where it lay on a bar.
        if (in_picture.area() <= 0) continue;
        found[i].push_back({candidate.class_index, candidate.score, in_picture});
      }
    }
    return found;
  });
}

}  // namespace aislewatch::retinanet
