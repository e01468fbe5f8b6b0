#include "services/pose/core/track.h"

namespace aislewatch::pose {
namespace {

// Towards the edge faster than this, in bodies per second, is walking; slower is swaying.
constexpr double kLeavingSpeed = 0.15;
// What one sighting changes of what a person is known to wear: who turns round looks different, but
// not at once.
constexpr float kLookRate = 0.15f;

// What one sure sighting changes of the settled box.
constexpr double kSettleRate = 0.4;

void Settle(BodyBox& settled, const BodyBox& seen) {
  settled.x += kSettleRate * (seen.x - settled.x);
  settled.y += kSettleRate * (seen.y - settled.y);
  settled.width += kSettleRate * (seen.width - settled.width);
  settled.height += kSettleRate * (seen.height - settled.height);
}

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
      settled_box_(seen.box),
      last_pose_(seen.pose),
      look_(seen.look),
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
  if (seen.sure) Settle(settled_box_, seen.box);
  Blend(look_, seen.look, kLookRate);
  leaving_ = IsLeaving(seen.edges, motion_);
  seen_now_ = index;
  unseen_ = absl::ZeroDuration();
  ++age_frames_;
}

void Track::Continue(const Track& lost) {
  id_ = lost.id_;
  age_frames_ += lost.age_frames_;
  Appearance look = lost.look_;
  Blend(look, look_, kLookRate);
  look_ = look;
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
