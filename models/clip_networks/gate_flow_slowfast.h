// Gate-Flow SlowFast: few pictures and many flows, the flow saying what of the pictures matters.
#pragma once

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include "models/clip_networks/clip_network.h"

namespace aislewatch::clip_networks {

/// Optical flow from each view's previous crop to the crop (Farnebäck 2003): `[N, 2, side, side]`
/// float32, to the right and down in sixteenths of the side, within -1..1; zeros where there is no
/// previous crop. On the CPU. Throws cv::Exception.
torch::Tensor FlowsToTensor(absl::Span<const PersonView> views, int side);

/// SlowFast (Feichtenhofer et al. 2019, arXiv 1812.03982) with colours on the slow path (4 crops of the
/// window) and optical flow on the fast one (all 64), lateral connections from fast to slow at every
/// stage, and the flow's gate on the slow path at the end (Cheng et al. 2021, arXiv 1911.05913).
///
/// The first two convolutions of both paths are two-dimensional and run once per crop; what they give
/// is a crop's features. A window shorter than 64 crops is filled up in front with its first one.
class GateFlowSlowFast : public ClipNetwork {
 public:
  explicit GateFlowSlowFast(const Options& options);

  /// Colours and flow, `[N, 5, side, side]`.
  torch::Tensor Inputs(absl::Span<const PersonView> views) const override;
  /// What moves to the right in a crop moves to the left in the mirrored one.
  torch::Tensor MirroredMaps(const torch::Tensor& maps) const override;
  torch::Tensor Picture(const torch::Tensor& maps) override;
  torch::Tensor EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) override;
  int picture_size() const override;
  std::string maps_name() const override;
  bool is_recurrent() const override { return false; }

 private:
  torch::nn::Sequential colour_stem_{nullptr}, flow_stem_{nullptr};
  torch::nn::Sequential fast1_{nullptr}, fast2_{nullptr}, slow1_{nullptr}, slow2_{nullptr};
  torch::nn::Conv3d lateral0_{nullptr}, lateral1_{nullptr}, gate_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
  torch::nn::Linear head_{nullptr};
};

}  // namespace aislewatch::clip_networks
