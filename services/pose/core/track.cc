#include "services/pose/core/track.h"

namespace aislewatch::pose {
namespace {

// Towards the edge faster than this, in bodies per second, is walking; slower is swaying.
constexpr double kLeavingSpeed = 0.15;

bool IsLeaving(const Edges& edges, const BodyMotion& motion) {
  const double limit = kLeavingSpeed * motion.box().size();
  return (edges.left && motion.velocity_x() < -limit) ||
         (edges.right && motion.velocity_x() > limit) ||
         (edges.top && motion.velocity_y() < -limit) ||
         (edges.bottom && motion.velocity_y() > limit);
}

}  // namespace

Track::Track(const Detection& seen, size_t index, const MotionOptions& options)
    : motion_(seen.box, options),
      last_box_(seen.box),
      last_pose_(seen.pose),
      seen_now_(index) {}

void Track::Predict(absl::Duration dt) {
  motion_.Predict(dt, /*coasting=*/unseen_ > absl::ZeroDuration());
  unseen_ += dt;
  seen_now_.reset();
}

void Track::See(const Detection& seen, size_t index) {
  motion_.Correct(seen.box);
  last_box_ = seen.box;
  last_pose_ = seen.pose;
  leaving_ = IsLeaving(seen.edges, motion_);
  seen_now_ = index;
  unseen_ = absl::ZeroDuration();
  ++age_frames_;
}

Pose Track::PredictedPose() const {
  const BodyBox now = box();
  const double scale_x = now.width / last_box_.width, scale_y = now.height / last_box_.height;
  Pose pose = last_pose_;
  for (Keypoint& joint : pose) {
    joint.x = static_cast<float>(now.x + (joint.x - last_box_.x) * scale_x);
    joint.y = static_cast<float>(now.y + (joint.y - last_box_.y) * scale_y);
  }
  return pose;
}

}  // namespace aislewatch::pose
