#include "services/fusion/core/head_heading.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::fusion {
namespace {

// From shoulder to shoulder by the body's height (Winter 2009, fig. 4.1: 0.129 each side, of which
// the joints that pose models mark lie a little inside).
constexpr float kShoulderBreadth = 0.23f;
// In heads: what is shorter points nowhere, what is longer is no head.
constexpr float kLeastLength = 0.4f;
constexpr float kGreatestLength = 2.5f;
// The cosine of 135 degrees. Pose models tell all five points of small heads, whatever can be seen
// of them, and often as if the head were turned away more than it is; what they say of its side
// holds.
constexpr float kTurnedAway = -0.71f;
// Both pairs are off by as many pixels, so their angles are by so much less as they are farther
// apart.
constexpr float kEyesByEars = kEyeBreadth * kEyeBreadth / (kEarBreadth * kEarBreadth);
// What a neck can do, and the eyes of the pose model are off.
constexpr float kFarthestTwist = 1.75f;

bool Shown(const Pose& pose, Joint joint) { return At(pose, joint).confidence >= kShownConfidence; }

bool BothShown(const Pose& pose, Joint left, Joint right) {
  return Shown(pose, left) && Shown(pose, right);
}

// How far the person's left one lies right of their right one; positive from the front.
float Apart(const Pose& pose, Joint left, Joint right) {
  return At(pose, left).x - At(pose, right).x;
}

// The middle of a pair, or the one that is shown.
float Middle(const Pose& pose, Joint left, Joint right) {
  if (!Shown(pose, right)) return At(pose, left).x;
  if (!Shown(pose, left)) return At(pose, right).x;
  return (At(pose, left).x + At(pose, right).x) / 2;
}

// How far the head is turned to the camera, by pairs of ears and eyes of which both are shown;
// `scale` from fractions of the width to body heights. 0 where there is no such pair.
float Towards(const Pose& pose, float scale) {
  float sum = 0, weights = 0;
  if (BothShown(pose, Joint::kLeftEar, Joint::kRightEar)) {
    sum += scale * Apart(pose, Joint::kLeftEar, Joint::kRightEar) / kEarBreadth;
    weights += 1;
  }
  if (BothShown(pose, Joint::kLeftEye, Joint::kRightEye)) {
    sum += kEyesByEars * scale * Apart(pose, Joint::kLeftEye, Joint::kRightEye) / kEyeBreadth;
    weights += kEyesByEars;
  }
  return weights > 0 ? sum / weights : 0;
}

}  // namespace

std::optional<Heading> HeadHeading(const Pose& pose, float aspect, float body_height) {
  const bool ears = BothShown(pose, Joint::kLeftEar, Joint::kRightEar);
  const bool ear = Shown(pose, Joint::kLeftEar) || Shown(pose, Joint::kRightEar);
  const bool eye = Shown(pose, Joint::kLeftEye) || Shown(pose, Joint::kRightEye);
  if (!Shown(pose, Joint::kNose) || !eye || !ear) return std::nullopt;
  if (!(aspect > 0) || !(body_height > 0) || !std::isfinite(aspect * body_height)) {
    return std::nullopt;
  }
  // From fractions of the width to body heights.
  const float scale = aspect / body_height;
  const float towards = Towards(pose, scale);
  float axis = Middle(pose, Joint::kLeftEar, Joint::kRightEar);
  if (!ears) {
    // The other ear is behind the head: the axis lies half a head from this one.
    const float side = Shown(pose, Joint::kLeftEar) ? 1.0f : -1.0f;
    axis -= side * std::clamp(towards, -1.0f, 1.0f) * kEarBreadth / 2 / scale;
  }
  const float face =
      (At(pose, Joint::kNose).x + Middle(pose, Joint::kLeftEye, Joint::kRightEye)) / 2;
  const float right = scale * (face - axis) / kFaceDepth;
  const float length = std::hypot(right, towards);
  if (!(length >= kLeastLength && length <= kGreatestLength)) return std::nullopt;
  const Heading heading{right / length, towards / length};
  if (heading.towards < kTurnedAway) return std::nullopt;
  if (BothShown(pose, Joint::kLeftShoulder, Joint::kRightShoulder)) {
    const float body =
        scale * Apart(pose, Joint::kLeftShoulder, Joint::kRightShoulder) / kShoulderBreadth;
    // Which side the chest is turned to is not known; this is the least twist of both.
    const float twist = std::acos(std::clamp(body, -1.0f, 1.0f)) - std::acos(heading.towards);
    if (twist > kFarthestTwist) return std::nullopt;
  }
  return heading;
}

}  // namespace aislewatch::fusion
