// Where on the floor somebody stands.
//
// Stateless and thread-safe.
#pragma once

#include "common/vision/geometry.h"

namespace aislewatch::fusion {

/// The point between a person's feet. With an ankle shown it is the middle of the box's lower edge.
/// With both hidden, as behind a shelf or a counter, the box ends where the legs vanish, somewhere
/// on the floor far behind the person; the feet are then below the hips by so much as legs are
/// longer than trunks. May lie below the picture (y > 1).
NormalizedPoint StandingPoint(const DetectedPerson& person);

}  // namespace aislewatch::fusion
