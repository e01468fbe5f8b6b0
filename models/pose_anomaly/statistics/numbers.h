// What several of this folder's statistics need.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace aislewatch::pose_anomaly {

/// ln 2π.
inline constexpr double kLogTwoPi = 1.8378770664093453;

inline bool AllFinite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace aislewatch::pose_anomaly
