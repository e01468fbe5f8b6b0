// What the network gets to know of a pose.
//
// Stateless and thread-safe.
#pragma once

#include <torch/types.h>

#include "absl/types/span.h"
#include "common/roles/clip_classifier.h"

namespace aislewatch::clip_networks {

/// Numbers per pose: x, y and confidence of each joint in the crop, and x, y from the middle of the
/// hips in lengths of the torso. The first say where a hand is in the picture part's map, the second
/// where it is on the body, however large the box is.
inline constexpr int kPoseInputs = kJointCount * 5;

/// The views' keypoints: `[N, 17, 3]` float32 (x, y in fractions of the crop, confidence), on the
/// CPU.
torch::Tensor KeypointsToTensor(absl::Span<const PersonView> views);

/// `[N, 17, 3]` → `[N, kPoseInputs]`. Joints without confidence, and all torso-relative numbers
/// where shoulders or hips have none, become 0; nothing exceeds 4 in size, whatever comes in.
torch::Tensor PoseInputs(const torch::Tensor& keypoints);

}  // namespace aislewatch::clip_networks
