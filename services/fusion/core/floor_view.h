// The floor as a camera under the ceiling shows it, and what lies there in which direction.
//
// Pictures are not the floor: normalised coordinates are not square, and depth is foreshortened.
// Floor coordinates undo both, the second roughly, since nobody calibrates a shop's cameras: every
// camera is taken to look down by 30 degrees, so that a metre away from it is half as long in the
// picture as a metre across. Plain values and functions; thread-safe.
#pragma once

#include <optional>

#include "common/scene/polygon.h"

namespace aislewatch::fusion {

/// The sine of 30 degrees.
inline constexpr float kForeshortening = 0.5f;

/// A place on the floor in heights of the picture: to the right, and towards the camera.
struct FloorPoint {
  float right = 0;
  float towards = 0;
};

/// Where somebody faces, as seen from above; of length 1. (0, 1) looks into the camera, (1, 0) to
/// the right of the picture.
struct Heading {
  float right = 0;
  float towards = 0;
};

/// `aspect`: width by height of the frame.
inline FloorPoint OnFloor(NormalizedPoint point, float aspect) {
  return {point.x * aspect, point.y / kForeshortening};
}

/// From `from` to the polygon; 0 inside. Infinite for a point that is not finite.
float DistanceTo(const Polygon& polygon, NormalizedPoint from, float aspect);

/// Where a direction meets an edge.
struct Meeting {
  float distance = 0;
  /// The sine of the angle to the edge: 1 straight at it, 0 along it.
  float steepness = 0;
};

/// What `heading` from `from` meets first of the polygon's edges; nothing where it meets none. From
/// inside that is where one comes out.
std::optional<Meeting> FirstMet(const Polygon& polygon, NormalizedPoint from, Heading heading,
                                float aspect);

/// `heading` turned by `radians`, clockwise as seen in the picture.
Heading Turned(Heading heading, float radians);

}  // namespace aislewatch::fusion
