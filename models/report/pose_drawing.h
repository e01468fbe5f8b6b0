// People as stick figures, where there is no picture to show. Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "common/vision/geometry.h"
#include "models/report/html.h"

namespace aislewatch::report {

/// One person at some moments, the last one being what is shown; earlier ones are faint. `poses`
/// are in fractions of `frame`, oldest first. Joints that are not finite are left out; a figure
/// without any is an empty drawing. `description` is for those who do not see it.
Html PoseDrawing(const std::vector<Pose>& poses, FrameSize frame, const std::string& description);

}  // namespace aislewatch::report
