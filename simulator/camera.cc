#include "simulator/camera.h"

namespace aislewatch::simulator {

PinholeCamera PinholeCamera::Look(Vec3 position, Vec3 target, float horizontal_fov,
                                  FrameSize size) {
  PinholeCamera camera;
  camera.position_ = position;
  camera.forward_ = Normalized(target - position, {0, 1, 0});
  camera.right_ = Normalized(Cross(camera.forward_, {0, 0, 1}), {1, 0, 0});
  camera.down_ = Cross(camera.forward_, camera.right_);
  camera.focal_ = static_cast<float>(size.width) / 2 / std::tan(horizontal_fov / 2);
  camera.size_ = size;
  return camera;
}

Projection PinholeCamera::Project(Vec3 world) const {
  const Vec3 d = world - position_;
  const float depth = Dot(d, forward_);
  const float scale = focal_ / std::max(depth, 1e-3f);
  return {static_cast<float>(size_.width) / 2 + scale * Dot(d, right_),
          static_cast<float>(size_.height) / 2 + scale * Dot(d, down_), depth};
}

PinholeCamera PinholeCamera::Scaled(int factor) const {
  PinholeCamera scaled = *this;
  scaled.focal_ *= static_cast<float>(factor);
  scaled.size_ = {size_.width * factor, size_.height * factor};
  return scaled;
}

}  // namespace aislewatch::simulator
