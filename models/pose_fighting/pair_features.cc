#include "models/pose_fighting/pair_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace aislewatch::pose_fighting {
namespace {

constexpr float kNotKnown = std::numeric_limits<float>::quiet_NaN();
// Hands further away reach for nobody.
constexpr float kFarthestReach = 3;
// A face in profile has its nose a third of a trunk before the ears.
constexpr float kProfile = 1.0f / 3;

// Speeds are spread over decades; their logarithms are not.
float LogSpeed(float speed) { return std::log(0.1f + speed); }

// -1..1: how much `a` looks to the side where `b` is.
float TurnedTo(const BodyMotion& a, const BodyMotion& b) {
  const Body& body = a.body();
  const auto at = [&](Joint joint) { return body.joints[static_cast<size_t>(joint)]; };
  const auto shown = [&](Joint joint) { return body.shown[static_cast<size_t>(joint)]; };
  if (!shown(Joint::kNose)) return 0;
  const bool left = shown(Joint::kLeftEar), right = shown(Joint::kRightEar);
  float behind = body.shoulders.x;
  if (left && right) {
    behind = (at(Joint::kLeftEar).x + at(Joint::kRightEar).x) / 2;
  } else if (left || right) {
    behind = at(left ? Joint::kLeftEar : Joint::kRightEar).x;
  }
  const float looks = (at(Joint::kNose).x - behind) / a.trunk() / kProfile;
  const float side = b.body().middle.x < body.middle.x ? -1.0f : 1.0f;
  return std::clamp(looks * side, -1.0f, 1.0f);
}

// From the nearer shown hand of `a` to the trunk of `b`, in pixels.
float ReachInto(const BodyMotion& a, const BodyMotion& b) {
  float nearest = std::numeric_limits<float>::max();
  for (const Joint wrist : {Joint::kLeftWrist, Joint::kRightWrist}) {
    const auto j = static_cast<size_t>(wrist);
    if (!a.body().shown[j]) continue;
    nearest = std::min({nearest, Distance(a.body().joints[j], b.body().middle),
                        Distance(a.body().joints[j], b.body().shoulders)});
  }
  return nearest;
}

// std::minmax is at a loss with NaN: what is known stands for both.
std::pair<float, float> LessAndMore(float a, float b) { return {std::fmin(a, b), std::fmax(a, b)}; }

}  // namespace

PairMoment MeasurePair(const BodyMotion& a, const BodyMotion& b) {
  const float trunk = (a.trunk() + b.trunk()) / 2;
  PairMoment moment;
  moment.turned = TurnedTo(a, b) + TurnedTo(b, a);
  moment.reach = std::min(std::min(ReachInto(a, b), ReachInto(b, a)) / trunk, kFarthestReach);
  moment.distance = Distance(a.body().middle, b.body().middle) / trunk;
  moment.depth = std::abs(std::log(a.trunk() / b.trunk()));
  return moment;
}

PairValues ValuesOf(const BodyMotion& a, const BodyMotion& b, const PairMoment& mean) {
  const auto [calmer, busier] = LessAndMore(a.limb_speed(), b.limb_speed());
  const auto [lower, higher] = LessAndMore(a.raised_hand(), b.raised_hand());
  return {LogSpeed(calmer), LogSpeed(busier), lower,        higher,
          mean.turned,      mean.reach,       mean.distance};
}

PairValues ValuesOfOneOfTwo(const BodyMotion& seen) {
  const float speed = LogSpeed(seen.limb_speed());
  return {speed, speed, seen.raised_hand(), seen.raised_hand(), kNotKnown, kNotKnown, kNotKnown};
}

}  // namespace aislewatch::pose_fighting
