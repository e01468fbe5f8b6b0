// Boxes and poses in heights of the picture, in which the tracker works.
#pragma once

#include <algorithm>

#include "common/vision/geometry.h"

namespace aislewatch::pose {

/// A person's box by its centre. Unit on both axes: the height of the picture, so that a distance
/// means the same in x and in y whatever the picture's shape.
struct BodyBox {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  /// The longer side: what "one body" is in speeds and distances.
  double size() const { return std::max(width, height); }
  double area() const { return width * height; }
};

/// `aspect`: width of the picture by its height.
inline BodyBox ToBodyBox(const NormalizedBox& box, double aspect) {
  return {(box.x + box.width / 2) * aspect, box.y + box.height / 2, box.width * aspect,
          static_cast<double>(box.height)};
}

/// The same joints with x in heights of the picture.
inline Pose ToBodyPose(Pose pose, double aspect) {
  for (Keypoint& joint : pose) joint.x = static_cast<float>(joint.x * aspect);
  return pose;
}

}  // namespace aislewatch::pose
