// What a person does with arms and trunk who hides something on the body, as eight numbers.
#pragma once

#include <array>
#include <deque>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "models/pose_anomaly/posture/body.h"

namespace aislewatch::pose_anomaly {

inline constexpr int kConcealmentFeatureCount = 8;

/// A feature's name, and whether concealing makes it larger (+1) or smaller (-1). The signs are
/// fixed by what concealing looks like, hands at the body and elbows bent over a bowed trunk that
/// stands still, not learnt from labels.
struct ConcealmentFeature {
  absl::string_view name;
  int sign;
};
inline constexpr std::array<ConcealmentFeature, kConcealmentFeatureCount> kConcealmentFeatures = {{
    {"wrist_to_trunk_centre_nearer", -1},
    {"wrist_to_trunk_centre_farther", -1},
    {"wrist_to_hip_nearer", -1},
    {"wrist_to_hip_farther", -1},
    {"elbow_angle_smaller", -1},
    {"elbow_angle_larger", -1},
    {"trunk_bend", 1},
    {"speed", -1},
}};

/// Distances are in trunk lengths, angles in radians, the hips' speed in trunk lengths per 1/15 s.
using ConcealmentValues = std::array<float, kConcealmentFeatureCount>;

/// Frames per second at which spans given in frames are meant: PoseLift's.
inline constexpr double kReferenceFps = 15;

/// Means of the features over the last 0.8 s (12 frames at the reference rate) of one track. The
/// trunk length is its median over the last 2 s, so that one bad pose does not rescale the person.
/// Spans are of time, not counts of poses: a track with gaps or of another frame rate is measured
/// alike. Not thread-safe.
class ConcealmentFeatures {
 public:
  /// Takes the next pose; `time` rises. Each mean lies within -12..12.
  ConcealmentValues Push(absl::Time time, const Body& body);

 private:
  struct Entry {
    absl::Time time;
    float trunk = 0;
    ConcealmentValues values{};
    /// Whether values holds a speed: the track's first pose has none.
    bool has_speed = false;
  };

  float MedianTrunk() const;
  ConcealmentValues Means(absl::Time now) const;

  std::deque<Entry> entries_;  // of the last 2 s
  PixelPoint last_hips_;
};

}  // namespace aislewatch::pose_anomaly
