// Regions of a picture: checking them, and telling what lies in them.
//
// Plain functions on values; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "common/vision/geometry.h"

namespace aislewatch {

/// Corners in order, fractions of the picture; the last one connects to the first.
using Polygon = std::vector<NormalizedPoint>;

inline constexpr size_t kMinCorners = 3;
inline constexpr size_t kMaxCorners = 64;

/// What is wrong with `polygon`, one sentence per fault; empty where it is a simple polygon of
/// 3..64 finite corners in 0..1 that encloses an area. Corners are counted from 1.
std::vector<std::string> PolygonFaults(const Polygon& polygon);

/// Whether `point` is inside or on the edge. False for a point that is not finite.
bool Contains(const Polygon& polygon, NormalizedPoint point);

/// Distance from `point` to the nearest edge, in fractions of the picture; infinite for an empty
/// polygon or a point that is not finite.
float DistanceToEdge(const Polygon& polygon, NormalizedPoint point);

}  // namespace aislewatch
