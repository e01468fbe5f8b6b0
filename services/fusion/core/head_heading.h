// Where a head is turned, from nose, eyes and ears.
//
// The points of a face under weak perspective, as Gee and Cipolla ("Determining the gaze of faces
// in images", 1994) use them, with the five that pose models give, of which Dias et al. ("Gaze
// estimation for assisted living environments", WACV 2020) show that they tell the direction in the
// picture: seen from the front ears (and eyes) are as far apart as the head is wide, seen from the
// side the face lies so far beside the axis between the ears as the head is deep. Both are
// distances across the picture, so neither a nod nor the camera's tilt matters. Stateless and
// thread-safe.
#pragma once

#include <optional>

#include "common/vision/geometry.h"
#include "services/fusion/core/floor_view.h"

namespace aislewatch::fusion {

/// Parts of the body's height: from ear to ear, from eye to eye, and from the ears' axis forward to
/// the middle of nose and eyes. After the ANSUR survey (bitragion breadth 145 mm, pupils 64 mm
/// apart, 100 mm from tragion forward to the middle of eyes and nose, of 1.75 m).
inline constexpr float kEarBreadth = 0.083f;
inline constexpr float kEyeBreadth = 0.036f;
inline constexpr float kFaceDepth = 0.057f;

/// Where the head is turned, nothing where that cannot be told: without a nose, an eye and an ear
/// (or both eyes) shown; with the face turned away (more than about 135 degrees from the camera);
/// with points that no head has; or against shoulders to which such a head would be twisted by more
/// than 100 degrees. `body_height` in heights of the picture.
std::optional<Heading> HeadHeading(const Pose& pose, float aspect, float body_height);

}  // namespace aislewatch::fusion
