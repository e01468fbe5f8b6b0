// How one person moves arms, legs and head, from poses as a pose model finds them.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "common/vision/geometry.h"

namespace aislewatch::pose_fighting {

/// A person's joints in pixels of a frame. Plain value.
struct Body {
  std::array<PixelPoint, kJointCount> joints{};
  /// Joints of kShownConfidence and more; the others' places are guesses.
  std::array<bool, kJointCount> shown{};
  PixelPoint shoulders;
  PixelPoint hips;
  /// Halfway between shoulders and hips.
  PixelPoint middle;
  /// The trunk's length, and at least a fifth of the height from the highest to the lowest joint: a
  /// trunk that is seen from above is foreshortened.
  float trunk = 0;
};

/// Nothing where no shoulder or no hip is known: who has no trunk has no measure either.
std::optional<Body> MeasureBody(const Pose& pose, const FrameSize& frame);

/// In pixels.
float Distance(const PixelPoint& a, const PixelPoint& b);

/// Follows one person. Lengths are in trunks (the median of the last two seconds, so that one bad
/// pose does not rescale the person), times in seconds: neither size nor frame rate matters.
/// Not thread-safe.
class BodyMotion {
 public:
  /// What is averaged is averaged over so long.
  static constexpr absl::Duration kWindow = absl::Seconds(1);
  /// Shorter, and in fewer frames, nothing is known of somebody.
  static constexpr absl::Duration kLeastSeen = absl::Milliseconds(250);
  static constexpr size_t kLeastFrames = 3;

  /// `time` rises.
  void Push(absl::Time time, const Body& body);

  /// Of the last Push; call none of these before the first.
  const Body& body() const { return seen_.back().body; }
  absl::Time last_seen() const { return seen_.back().time; }
  /// In pixels, at least 8: below, the pose model's rounding is a gesture.
  float trunk() const { return trunk_; }

  /// Whether the person was in view for long enough.
  bool known() const;
  /// Mean speed of the shown joints against the trunk, in trunks per second; NaN where none could
  /// be followed.
  float limb_speed() const { return limb_speed_; }
  /// Mean height of the higher wrist above the shoulders, in trunks; NaN where no wrist is shown.
  float raised_hand() const { return raised_hand_; }

 private:
  struct Moment {
    absl::Time time;
    Body body;
    float limb_speed = 0;
    float raised_hand = 0;
  };

  float MedianTrunk() const;
  float LimbSpeed(const Moment& now) const;
  float Mean(float Moment::*value) const;

  std::deque<Moment> seen_;  // of the last two seconds
  float trunk_ = 0;
  float limb_speed_ = 0;
  float raised_hand_ = 0;
};

}  // namespace aislewatch::pose_fighting
