// The fixed surveillance camera: a pinhole without distortion.
//
// Immutable after Look(); thread-safe.
#pragma once

#include "common/vision/geometry.h"
#include "simulator/vec3.h"

namespace aislewatch::simulator {

/// Where a point of the world appears.
struct Projection {
  /// Pixels; may lie outside the picture.
  float x = 0;
  float y = 0;
  /// Metres along the camera's axis; not above 0 for what is behind it.
  float depth = 0;
};

class PinholeCamera {
 public:
  /// A camera at `position` whose axis goes through `target`, upright, with a horizontal field of
  /// view in radians (0..pi, exclusive).
  static PinholeCamera Look(Vec3 position, Vec3 target, float horizontal_fov, FrameSize size);

  Projection Project(Vec3 world) const;
  /// The same view with pictures `factor` times as large.
  PinholeCamera Scaled(int factor) const;

  Vec3 position() const { return position_; }
  FrameSize size() const { return size_; }

 private:
  Vec3 position_, right_, down_, forward_;
  float focal_ = 1;
  FrameSize size_;
};

}  // namespace aislewatch::simulator
