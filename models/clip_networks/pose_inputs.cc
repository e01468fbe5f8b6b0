#include "models/clip_networks/pose_inputs.h"

#include <initializer_list>

namespace aislewatch::clip_networks {
namespace {

using torch::indexing::Slice;

constexpr double kLimit = 4;
/// A torso seen from above or end on is short; its length must not blow everything else up.
constexpr double kLeastTorso = 0.05;

torch::Tensor Middle(const torch::Tensor& points, Joint left, Joint right) {
  return (points.select(1, static_cast<int64_t>(left)) +
          points.select(1, static_cast<int64_t>(right))) /
         2;
}

}  // namespace

torch::Tensor KeypointsToTensor(absl::Span<const PersonView> views) {
  torch::Tensor keypoints = torch::empty({static_cast<int64_t>(views.size()), kJointCount, 3});
  auto* out = keypoints.data_ptr<float>();
  for (const PersonView& view : views) {
    for (const Keypoint& joint : view.keypoints) {
      *out++ = joint.x;
      *out++ = joint.y;
      *out++ = joint.confidence;
    }
  }
  return keypoints;
}

torch::Tensor PoseInputs(const torch::Tensor& keypoints) {
  const torch::Tensor confidence = keypoints.index({Slice(), Slice(), Slice(2, 3)}).clamp(0, 1);
  const torch::Tensor seen = (confidence > 0).to(torch::kFloat32);
  const torch::Tensor points = keypoints.index({Slice(), Slice(), Slice(0, 2)}).clamp(-kLimit, kLimit);
  const torch::Tensor in_crop = (points - 0.5) * 2 * seen;

  const torch::Tensor shoulders = Middle(points, Joint::kLeftShoulder, Joint::kRightShoulder);
  const torch::Tensor hips = Middle(points, Joint::kLeftHip, Joint::kRightHip);
  torch::Tensor torso = torch::ones_like(seen.select(1, 0));
  for (const Joint joint : {Joint::kLeftShoulder, Joint::kRightShoulder, Joint::kLeftHip,
                            Joint::kRightHip}) {
    torso = torso * seen.select(1, static_cast<int64_t>(joint));
  }
  const torch::Tensor length =
      (shoulders - hips).square().sum(1, /*keepdim=*/true).sqrt().clamp_min(kLeastTorso);
  const torch::Tensor on_body = ((points - hips.unsqueeze(1)) / length.unsqueeze(1)) * seen *
                                torso.unsqueeze(1);
  return torch::cat({in_crop, confidence, on_body.clamp(-kLimit, kLimit)}, 2)
      .clamp(-kLimit, kLimit)
      .flatten(1);
}

}  // namespace aislewatch::clip_networks
