#include "common/scene/polygon.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

// Smaller regions are slips of the mouse: a 10 x 10 pixel square in a full HD picture.
constexpr double kMinArea = 5e-5;
// A point this near to an edge counts as on it: float rounding of corners at 0 and 1.
constexpr float kOnEdge = 1e-5f;

bool IsFinite(NormalizedPoint p) { return std::isfinite(p.x) && std::isfinite(p.y); }

// Twice the signed area of the triangle a, b, c: its sign tells on which side of ab c lies.
double Cross(NormalizedPoint a, NormalizedPoint b, NormalizedPoint c) {
  return (double{b.x} - a.x) * (double{c.y} - a.y) - (double{b.y} - a.y) * (double{c.x} - a.x);
}

bool InBoxOf(NormalizedPoint a, NormalizedPoint b, NormalizedPoint p) {
  return p.x >= std::min(a.x, b.x) && p.x <= std::max(a.x, b.x) && p.y >= std::min(a.y, b.y) &&
         p.y <= std::max(a.y, b.y);
}

int Side(double cross) { return cross > 0 ? 1 : cross < 0 ? -1 : 0; }

bool SegmentsTouch(NormalizedPoint a, NormalizedPoint b, NormalizedPoint c, NormalizedPoint d) {
  const int s1 = Side(Cross(a, b, c));
  const int s2 = Side(Cross(a, b, d));
  const int s3 = Side(Cross(c, d, a));
  const int s4 = Side(Cross(c, d, b));
  if (s1 * s2 < 0 && s3 * s4 < 0) return true;
  return (s1 == 0 && InBoxOf(a, b, c)) || (s2 == 0 && InBoxOf(a, b, d)) ||
         (s3 == 0 && InBoxOf(c, d, a)) || (s4 == 0 && InBoxOf(c, d, b));
}

// Whether the edge b-c runs back over the edge a-b.
bool FoldsBack(NormalizedPoint a, NormalizedPoint b, NormalizedPoint c) {
  const double along =
      (double{b.x} - a.x) * (double{c.x} - b.x) + (double{b.y} - a.y) * (double{c.y} - b.y);
  return Cross(a, b, c) == 0 && along < 0;
}

double Area(const Polygon& polygon) {
  double twice = 0;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const NormalizedPoint& a = polygon[i];
    const NormalizedPoint& b = polygon[(i + 1) % polygon.size()];
    twice += double{a.x} * b.y - double{b.x} * a.y;
  }
  return std::abs(twice) / 2;
}

void CheckCorners(const Polygon& polygon, std::vector<std::string>& faults) {
  for (size_t i = 0; i < polygon.size(); ++i) {
    const NormalizedPoint& p = polygon[i];
    if (!(p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1)) {
      faults.push_back(absl::StrCat("corner ", i + 1, " (", p.x, ", ", p.y,
                                    ") must lie in 0..1, as fractions of the picture"));
    }
    const NormalizedPoint& next = polygon[(i + 1) % polygon.size()];
    if (p.x == next.x && p.y == next.y && polygon.size() > 1) {
      faults.push_back(absl::StrCat("corners ", i + 1, " and ", (i + 1) % polygon.size() + 1,
                                    " are the same point; remove one"));
    }
  }
}

void CheckSimple(const Polygon& polygon, std::vector<std::string>& faults) {
  const size_t n = polygon.size();
  for (size_t i = 0; i < n; ++i) {
    if (FoldsBack(polygon[i], polygon[(i + 1) % n], polygon[(i + 2) % n])) {
      faults.push_back(absl::StrCat("the edge after corner ", (i + 1) % n + 1,
                                    " runs back over the one before it"));
    }
    for (size_t j = i + 2; j < n; ++j) {
      if (i == 0 && j == n - 1) continue;  // They share the first corner.
      if (SegmentsTouch(polygon[i], polygon[i + 1], polygon[j], polygon[(j + 1) % n])) {
        faults.push_back(absl::StrCat("the edges after corners ", i + 1, " and ", j + 1,
                                      " cross or touch; list the corners in order"));
      }
    }
  }
}

}  // namespace

std::vector<std::string> PolygonFaults(const Polygon& polygon) {
  std::vector<std::string> faults;
  if (polygon.size() < kMinCorners || polygon.size() > kMaxCorners) {
    faults.push_back(absl::StrCat("a polygon needs ", kMinCorners, "..", kMaxCorners,
                                  " corners, not ", polygon.size()));
    return faults;
  }
  CheckCorners(polygon, faults);
  // Crossing edges and area mean nothing while corners are wrong.
  if (!faults.empty()) return faults;
  CheckSimple(polygon, faults);
  if (faults.empty() && Area(polygon) < kMinArea) {
    faults.push_back("the polygon encloses next to no area; move its corners apart");
  }
  return faults;
}

bool Contains(const Polygon& polygon, NormalizedPoint point) {
  if (!IsFinite(point)) return false;
  bool inside = false;
  for (size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const NormalizedPoint& a = polygon[i];
    const NormalizedPoint& b = polygon[j];
    if ((a.y > point.y) == (b.y > point.y)) continue;
    const double x = a.x + (double{point.y} - a.y) / (double{b.y} - a.y) * (double{b.x} - a.x);
    if (point.x < x) inside = !inside;
  }
  return inside || DistanceToEdge(polygon, point) <= kOnEdge;
}

float DistanceToEdge(const Polygon& polygon, NormalizedPoint point) {
  double best = std::numeric_limits<double>::infinity();
  if (!IsFinite(point)) return static_cast<float>(best);
  for (size_t i = 0; i < polygon.size(); ++i) {
    const NormalizedPoint& a = polygon[i];
    const NormalizedPoint& b = polygon[(i + 1) % polygon.size()];
    const double dx = double{b.x} - a.x;
    const double dy = double{b.y} - a.y;
    const double squared = dx * dx + dy * dy;
    const double along = (double{point.x} - a.x) * dx + (double{point.y} - a.y) * dy;
    const double t = squared > 0 ? std::clamp(along / squared, 0.0, 1.0) : 0.0;
    best = std::min(best, std::hypot(a.x + t * dx - point.x, a.y + t * dy - point.y));
  }
  return static_cast<float>(best);
}

}  // namespace aislewatch
