#include "simulator/actor.h"

namespace aislewatch::simulator {
namespace {

constexpr float kArrived = 0.12f;
constexpr float kPersonalSpace = 0.75f;
constexpr float kFightingDistance = 0.72f;

const Actor* Find(const std::vector<Actor>& actors, uint64_t id) {
  for (const Actor& actor : actors) {
    if (id != 0 && actor.id() == id) return &actor;
  }
  return nullptr;
}

}  // namespace

Actor::Actor(uint64_t id, BodyShape shape, Visit visit, Vec3 start, float yaw, uint64_t partner_id,
             Random random)
    : id_(id), partner_id_(partner_id), shape_(shape), visit_(std::move(visit)), random_(random) {
  walking_speed_ = random_.Uniform(0.85f, 1.35f);
  tempo_ = random_.Uniform(0.85f, 1.25f);
  personal_phase_ = random_.Uniform(0, 2 * kPi);
  pose_.position = start;
  pose_.yaw = yaw;
  for (const int side : {kLeft, kRight}) hands_[side].value = HangingHand(shape_, side);
  bag_.value = HangingBag(shape_);
  if (visit_.brings) {
    hold_ = DrawHold(*visit_.brings, shape_, random_);
    hold_look_ = random_.Next();
    visit_.hand = hold_->hand;
  }
}

Activity Actor::activity() const { return done() ? Activity::kWalk : phase().activity; }

float Actor::progress() const {
  if (done()) return 1;
  const Activity now = phase().activity;
  if (now == Activity::kWalk || now == Activity::kMeet) return 0;
  return std::min(1.0f, phase_seconds_ / phase().seconds);
}

Carried Actor::carried() const {
  Carried carried;
  carried.item = visit_.item;
  carried.item_in_hand[visit_.hand] = holding_;
  carried.basket[1 - visit_.hand] = visit_.basket;
  carried.bag = bag_.value;
  const float p = progress();
  carried.phone_in_hand[visit_.hand] = activity() == Activity::kPhone && p > 0.08f && p < 0.94f;
  if (shows()) {
    carried.hold = hold_;
    carried.hold_look = hold_look_;
  }
  return carried;
}

std::optional<HeldObject> Actor::shows() const {
  const float p = progress();
  if (!hold_ || activity() != Activity::kHoldUp || p < 0.08f || p > 0.94f) return std::nullopt;
  return hold_->object;
}

void Actor::NextPhase() {
  ++phase_index_;
  phase_seconds_ = 0;
  phase_begun_ = false;
}

void Actor::AdvancePhase(float dt, const StoreLayout& layout, const Actor* partner) {
  if (!phase_begun_) {
    phase_begun_ = true;
    path_.clear();
    if (phase().activity == Activity::kWalk) {
      path_ = layout.FindPath(pose_.position, phase().where);
    }
  }
  const float before = progress();
  phase_seconds_ += dt;
  const Activity now = phase().activity;
  if (before < ItemMoment(now) && progress() >= ItemMoment(now)) holding_ = now == Activity::kTake;
  bool over = phase_seconds_ >= phase().seconds;
  if (now == Activity::kWalk) over |= path_.empty();
  if (now == Activity::kMeet) {
    over |= partner != nullptr &&
            (partner->activity() == Activity::kMeet || partner->activity() == Activity::kFight);
  }
  if (over) NextPhase();
}

Vec3 Actor::Goal(const StoreLayout& layout, const Actor* partner) {
  switch (activity()) {
    case Activity::kWalk:
      if (!path_.empty() && FloorDistance(pose_.position, path_.front()) < kArrived * 2.5f &&
          path_.size() > 1) {
        path_.erase(path_.begin());
      } else if (path_.size() == 1 && FloorDistance(pose_.position, path_.front()) < kArrived) {
        path_.clear();
      }
      return path_.empty() ? pose_.position : path_.front();
    case Activity::kLoiter: {
      if (phase().variant != 0) return phase().where;
      const float side = std::sin(0.33f * phase_seconds_ + personal_phase_) > 0 ? 0.7f : -0.7f;
      return layout.PushOut(phase().where + Heading(phase().yaw + kPi / 2) * side, 0.35f);
    }
    case Activity::kFight: {
      if (partner == nullptr) return pose_.position;
      const Vec3 away = Normalized(pose_.position - partner->position(), {1, 0, 0});
      const float sway = 0.13f * std::sin(4.3f * phase_seconds_ + personal_phase_);
      const Vec3 circle = Cross({0, 0, 1}, away) * (0.2f * std::sin(1.3f * phase_seconds_));
      return partner->position() + away * (kFightingDistance + sway) + circle;
    }
    default:
      return pose_.position;
  }
}

void Actor::Move(float dt, const StoreLayout& layout, const std::vector<Actor>& others,
                 const Actor* partner) {
  const Vec3 goal = Goal(layout, partner);
  const float distance = FloorDistance(goal, pose_.position);
  const bool fighting = activity() == Activity::kFight;
  float speed = activity() == Activity::kLoiter ? 0.65f : walking_speed_;
  speed = std::min(speed, 2.2f * distance);
  Vec3 wanted = Normalized(goal - pose_.position, {0, 0, 0}) * speed;
  for (const Actor& other : others) {
    const Vec3 apart = pose_.position - other.position();
    const float gap = Length(apart);
    if (other.id_ == id_ || gap > kPersonalSpace || gap < 1e-3f) continue;
    if (fighting && other.id_ == partner_id_) continue;
    // Who walks goes round, to the right; who stands gives way a little.
    const float push = (kPersonalSpace - gap) * (speed > 0.2f ? 2.6f : 0.5f);
    const Vec3 away = apart * (1 / gap);
    wanted += away * push;
    if (speed > 0.2f) wanted += Cross(away, {0, 0, 1}) * push;
  }
  velocity_ = Lerp(velocity_, wanted, std::min(1.0f, dt * 6));
  pose_.position += velocity_ * dt;
  if (pose_.position.y > 1) pose_.position = layout.PushOut(pose_.position, 0.25f);

  const float pace = Length(velocity_);
  const bool shuffles = pace < 0.15f && std::abs(yaw_rate_) > 0.6f;
  const float half_step = shuffles      ? 0.05f
                          : pace > 0.1f ? std::min(0.36f, 0.09f + 0.2f * pace)
                                        : 0.0f;
  half_step_.Follow(half_step, 8, dt);
  const float rate = shuffles ? 7.0f : pace * kPi / (2 * std::max(half_step, 0.12f));
  stride_phase_ = std::fmod(stride_phase_ + rate * dt, 2 * kPi);
}

void Actor::Turn(float dt, const Actor* partner) {
  float wanted = done() ? pose_.yaw : phase().yaw;
  const bool moves = Length(velocity_) > 0.25f;
  if (activity() == Activity::kWalk && !moves) wanted = pose_.yaw;
  if (moves && activity() != Activity::kFight) wanted = std::atan2(velocity_.y, velocity_.x);
  if (partner != nullptr && (activity() == Activity::kFight || activity() == Activity::kMeet)) {
    const Vec3 to = partner->position() - pose_.position;
    wanted = std::atan2(to.y, to.x);
  }
  const float error = WrapAngle(wanted - pose_.yaw);
  const float rate = std::clamp(4.0f * error, -3.2f, 3.2f);
  yaw_rate_ = Lerp(yaw_rate_, rate, std::min(1.0f, dt * 9));
  pose_.yaw = WrapAngle(pose_.yaw + yaw_rate_ * dt);
}

GestureTargets Actor::Targets() const {
  GestureInput input;
  input.activity = activity();
  input.progress = progress();
  input.seconds = phase_seconds_ * tempo_;
  input.hand = visit_.hand;
  input.holding = holding_;
  input.personal_phase = personal_phase_;
  if (hold_) input.hold_place = hold_->place;
  if (!done()) {
    input.variant = phase().variant;
    input.shelf_point = ToLocal(pose_, phase().shelf_point);
  }
  GestureTargets targets = Gesture(shape_, input);
  if (visit_.basket) {
    // The hand with the basket does nothing else.
    targets.hands[1 - visit_.hand] = HangingHand(shape_, 1 - visit_.hand);
  }
  return targets;
}

float Actor::head_yaw() const {
  const Vec3 forward = Solve(shape_, pose_).head_forward;
  return std::atan2(forward.y, forward.x);
}

std::optional<size_t> Actor::looks_at() const {
  if (done() || !phase().look_zone) return std::nullopt;
  // The eyes do the rest.
  constexpr float kTurnedThere = 0.45f;
  const Vec3 to = phase().look_point - pose_.position;
  const float off = WrapAngle(std::atan2(to.y, to.x) - head_yaw());
  return std::abs(off) < kTurnedThere ? phase().look_zone : std::nullopt;
}

// The chest turns a little and the head as far as it can.
void Actor::LookAt(Vec3 point, GestureTargets& targets) const {
  const Vec3 to = point - pose_.position;
  const float turn = WrapAngle(std::atan2(to.y, to.x) - pose_.yaw);
  const float sway = 0.12f * std::sin(1.3f * phase_seconds_ + personal_phase_);
  targets.twist = std::clamp(0.3f * turn, -0.45f, 0.45f);
  targets.head_yaw = turn - targets.twist + sway;
  targets.head_pitch =
      std::clamp(std::atan2(0.93f * shape_.height - point.z, std::hypot(to.x, to.y)), -0.2f, 0.5f);
}

void Actor::Strike(float dt, const Actor& partner, GestureTargets& targets) {
  next_strike_ -= dt;
  strike_left_ -= dt;
  if (next_strike_ <= 0) {
    next_strike_ = random_.Uniform(0.35f, 0.8f);
    strike_left_ = random_.Uniform(0.14f, 0.24f);
    striking_hand_ = random_.Below(2);
  }
  if (partner.strike_left_ > 0) {
    targets.lean_forward -= 0.3f;
    targets.head_yaw += 0.5f * SideSign(partner.striking_hand_);
  }
  if (strike_left_ > 0) {
    const Vec3 face = partner.position() + Vec3{0, 0, 0.86f * partner.shape().height};
    targets.hands[striking_hand_] = ToLocal(pose_, face);
    targets.twist -= 0.55f * SideSign(striking_hand_);
    targets.lean_forward += 0.22f;
  }
}

void Actor::Follow(float dt, const GestureTargets& targets) {
  const bool fighting = activity() == Activity::kFight;
  const float rate = fighting ? 22.0f : 9.0f * tempo_;
  const float trunk = fighting ? 14.0f : 6.0f * tempo_;
  for (const int side : {kLeft, kRight}) {
    hands_[side].Follow(targets.hands[side], rate, dt);
    pose_.hands[side] = hands_[side].value;
  }
  bag_.Follow(targets.bag, 7, dt);
  lean_forward_.Follow(targets.lean_forward, trunk, dt);
  lean_left_.Follow(targets.lean_left, trunk, dt);
  twist_.Follow(targets.twist, trunk, dt);
  head_yaw_.Follow(std::clamp(targets.head_yaw, -1.2f, 1.2f), 9, dt);
  head_pitch_.Follow(targets.head_pitch, 8, dt);
  crouch_.Follow(targets.crouch, trunk, dt);
  pose_.lean_forward = lean_forward_.value + 0.04f * std::min(1.0f, Length(velocity_));
  pose_.lean_left = lean_left_.value;
  pose_.head_yaw = head_yaw_.value;
  pose_.head_pitch = head_pitch_.value;
  pose_.crouch = crouch_.value;
  pose_.stride_phase = stride_phase_;
  pose_.half_step = half_step_.value;
  // Free arms swing against the legs.
  const float swing = pose_.half_step * 0.75f * std::cos(stride_phase_);
  pose_.twist = twist_.value - 0.25f * swing;
  if (fighting) return;
  for (const int side : {kLeft, kRight}) {
    const bool busy = (side == visit_.hand && holding_) || (side != visit_.hand && visit_.basket);
    pose_.hands[side].x += SideSign(side) * swing * (busy ? 0.15f : 1.0f);
  }
}

void Actor::Step(float dt, const StoreLayout& layout, const std::vector<Actor>& others) {
  if (done()) return;
  const Actor* partner = Find(others, partner_id_);
  AdvancePhase(dt, layout, partner);
  if (done()) return;
  Move(dt, layout, others, partner);
  Turn(dt, partner);
  GestureTargets targets = Targets();
  if (activity() == Activity::kFight && partner != nullptr) Strike(dt, *partner, targets);
  if (phase().look_zone) LookAt(phase().look_point, targets);
  Follow(dt, targets);
}

}  // namespace aislewatch::simulator
