// One person in the store: follows a visit's phases with smooth motion.
//
// Not thread-safe; driven by Crowd, which owns it.
#pragma once

#include <optional>
#include <vector>

#include "simulator/body.h"
#include "simulator/body_mesh.h"
#include "simulator/random.h"
#include "simulator/script.h"

namespace aislewatch::simulator {

/// A value that follows its target without jerks and without overshoot (critically damped).
template <typename T>
struct Spring {
  T value{};
  T velocity{};

  /// `rate` in 1/s: the distance shrinks to a third in about 2 / rate seconds.
  void Follow(T target, float rate, float dt) {
    const float decay = std::exp(-rate * dt);
    const T distance = value - target;
    const T slope = (velocity + distance * rate) * dt;
    velocity = (velocity - slope * rate) * decay;
    value = target + (distance + slope) * decay;
  }
};

class Actor {
 public:
  /// `partner_id` is the other one of a fight, or 0.
  Actor(uint64_t id, BodyShape shape, Visit visit, Vec3 start, float yaw, uint64_t partner_id,
        Random random);

  /// Moves on by `dt` seconds (at most 0.05). `others` may contain this actor.
  void Step(float dt, const StoreLayout& layout, const std::vector<Actor>& others);

  /// Puts the item into the hand, for clips that begin in the middle of a visit.
  void StartHolding() { holding_ = true; }

  uint64_t id() const { return id_; }
  uint64_t partner_id() const { return partner_id_; }
  /// Whether all phases are over.
  bool done() const { return phase_index_ >= visit_.phases.size(); }
  const Visit& visit() const { return visit_; }
  Activity activity() const;
  /// Of the activity, 0..1; 0 for walking and waiting, whose end is not known.
  float progress() const;
  bool holding() const { return holding_; }
  /// Where the head is turned on the floor, radians.
  float head_yaw() const;
  /// The layout's zone that they mean to look at and have turned the head to.
  std::optional<size_t> looks_at() const;

  const BodyShape& shape() const { return shape_; }
  const BodyPose& pose() const { return pose_; }
  Vec3 position() const { return pose_.position; }
  Carried carried() const;
  /// What they have brought and show right now.
  std::optional<HeldObject> shows() const;

 private:
  const Phase& phase() const { return visit_.phases[phase_index_]; }
  void NextPhase();
  void AdvancePhase(float dt, const StoreLayout& layout, const Actor* partner);
  Vec3 Goal(const StoreLayout& layout, const Actor* partner);
  void Move(float dt, const StoreLayout& layout, const std::vector<Actor>& others,
            const Actor* partner);
  void Turn(float dt, const Actor* partner);
  void LookAt(Vec3 point, GestureTargets& targets) const;
  void Strike(float dt, const Actor& partner, GestureTargets& targets);
  void Follow(float dt, const GestureTargets& targets);
  GestureTargets Targets() const;

  // Constant after construction.
  uint64_t id_;
  uint64_t partner_id_;
  BodyShape shape_;
  Visit visit_;
  float walking_speed_;
  float tempo_;
  float personal_phase_;
  std::optional<Hold> hold_;
  uint64_t hold_look_ = 0;

  Random random_;
  size_t phase_index_ = 0;
  float phase_seconds_ = 0;
  bool phase_begun_ = false;
  bool holding_ = false;
  std::vector<Vec3> path_;
  Vec3 velocity_;
  float stride_phase_ = 0;
  // Fighting: which hand strikes, and until when; when the next blow comes.
  int striking_hand_ = kRight;
  float strike_left_ = 0;
  float next_strike_ = 0.5f;

  BodyPose pose_;
  std::array<Spring<Vec3>, 2> hands_;
  Spring<Vec3> bag_;
  Spring<float> lean_forward_, lean_left_, twist_, head_yaw_, head_pitch_, crouch_, half_step_;
  float yaw_rate_ = 0;
};

}  // namespace aislewatch::simulator
