// The smoothing over a clip that figures of the field are published with.
//
// Stateless and thread-safe.
#pragma once

#include <vector>

namespace aislewatch::pose_anomaly {

/// Gaussian smoothing with a standard deviation of 1, 2, ... and 6 frames, one after the other,
/// which together is one of 9.5, as STG-NF's runs do; beyond its ends a clip is its own mirror
/// image. It looks half a second and more ahead, which no camera can.
void SmoothAsPublished(std::vector<float>& scores);

}  // namespace aislewatch::pose_anomaly
