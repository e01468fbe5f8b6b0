// A clip network behind the ClipClassifier interface.
//
// Includes LibTorch; services use load.h instead. One call at a time, as the interface says.
#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/roles/clip_classifier.h"
#include "models/clip_networks/clip_network.h"

namespace aislewatch::clip_networks {

/// Runs a network without gradients. Shares the network with whoever made it: an evaluation during
/// training sees the weights of the moment.
class NetworkClassifier : public ClipClassifier {
 public:
  /// `network` is put into evaluation mode by every call. `threads`: of one inference; 0 leaves
  /// LibTorch's setting alone.
  NetworkClassifier(ModelInfo info, ClipNetworkPtr network, torch::Device device = torch::kCPU,
                    int threads = 0);

  /// INVALID_ARGUMENT for an empty or non-BGR picture; INTERNAL where LibTorch fails.
  absl::StatusOr<std::vector<CropFeatures>> Embed(absl::Span<const PersonView> views) override;
  /// INVALID_ARGUMENT for an empty or too long window, or features of another size.
  absl::StatusOr<std::vector<ActionScores>> Score(
      absl::Span<const std::vector<CropFeatures>> windows) override;
  int window() const override { return network_->options().window; }
  bool needs_keypoints() const override { return !network_->options().sees_pictures(); }
  const ModelInfo& info() const override { return info_; }

 private:
  absl::Status CheckWindows(absl::Span<const std::vector<CropFeatures>> windows) const;

  const ModelInfo info_;
  const ClipNetworkPtr network_;
  const torch::Device device_;
  const int threads_;
};

/// `[B, 7]` logits as scores; shoplifting is the sum of both concealing actions.
std::vector<ActionScores> ScoresFromLogits(const torch::Tensor& logits);

}  // namespace aislewatch::clip_networks
