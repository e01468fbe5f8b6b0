#include "services/fusion/core/floor_view.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::fusion {

float DistanceTo(const Polygon& polygon, NormalizedPoint from, float aspect) {
  if (Contains(polygon, from)) return 0;
  Polygon floor;
  floor.reserve(polygon.size());
  for (const NormalizedPoint& corner : polygon) {
    const FloorPoint p = OnFloor(corner, aspect);
    floor.push_back({p.right, p.towards});
  }
  const FloorPoint p = OnFloor(from, aspect);
  return DistanceToEdge(floor, {p.right, p.towards});
}

std::optional<Meeting> FirstMet(const Polygon& polygon, NormalizedPoint from, Heading heading,
                                float aspect) {
  const FloorPoint origin = OnFloor(from, aspect);
  std::optional<Meeting> first;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const FloorPoint a = OnFloor(polygon[i], aspect);
    const FloorPoint b = OnFloor(polygon[(i + 1) % polygon.size()], aspect);
    const double ax = double{a.right} - origin.right, ay = double{a.towards} - origin.towards;
    const double ex = double{b.right} - a.right, ey = double{b.towards} - a.towards;
    const double across = heading.right * ey - heading.towards * ex;
    if (across == 0) continue;  // Along the edge: its neighbours are met.
    const double along = (ax * ey - ay * ex) / across;
    const double on_edge = (ax * heading.towards - ay * heading.right) / across;
    if (!(along >= 0) || !(on_edge >= 0 && on_edge <= 1)) continue;
    if (first && first->distance <= along) continue;
    first = Meeting{static_cast<float>(along),
                    static_cast<float>(std::abs(across) / std::hypot(ex, ey))};
  }
  return first;
}

Heading Turned(Heading heading, float radians) {
  const float c = std::cos(radians), s = std::sin(radians);
  return {c * heading.right - s * heading.towards, s * heading.right + c * heading.towards};
}

}  // namespace aislewatch::fusion
