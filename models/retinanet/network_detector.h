// A RetinaNet behind the ObjectDetector interface.
//
// Includes LibTorch; services use load.h instead. One call at a time, as the interface says.
#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/roles/object_detector.h"
#include "models/retinanet/anchors.h"
#include "models/retinanet/network.h"
#include "models/retinanet/nms.h"

namespace aislewatch::retinanet {

/// Runs a network without gradients. Shares the network with whoever made it: an evaluation during
/// training sees the weights of the moment.
class NetworkDetector : public ObjectDetector {
 public:
  /// `classes`: as many as the network has. `threads`: of one inference; 0 leaves LibTorch's
  /// setting alone.
  NetworkDetector(ModelInfo info, std::vector<ObjectClass> classes, Network network,
                  torch::Device device = torch::kCPU, int threads = 0);

  absl::StatusOr<std::vector<std::vector<DetectedObject>>> Detect(
      absl::Span<const cv::Mat> images) override;
  const std::vector<ObjectClass>& classes() const override { return classes_; }
  float threshold() const override { return static_cast<float>(network_->options().threshold); }
  const ModelInfo& info() const override { return info_; }

 private:
  const ModelInfo info_;
  const std::vector<ObjectClass> classes_;
  Network network_;
  const torch::Device device_;
  const int threads_;
  const std::vector<PixelBox> anchors_;
};

/// The boxes of one picture, best first, in pixels of the network's input. `logits`:
/// `[anchors, classes]`, `codes`: `[anchors, 4]`, on any device.
std::vector<Candidate> DecodePredictions(const torch::Tensor& logits, const torch::Tensor& codes,
                                         absl::Span<const PixelBox> anchors,
                                         const Options& options);

}  // namespace aislewatch::retinanet
