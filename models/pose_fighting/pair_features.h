// What two people beside each other do, as seven numbers.
//
// Stateless and thread-safe.
#pragma once

#include <array>
#include <vector>

#include "absl/strings/string_view.h"
#include "models/pose_fighting/body_motion.h"

namespace aislewatch::pose_fighting {

inline constexpr size_t kPairFeatureCount = 7;

/// A feature's name, and whether fighting makes it larger (+1) or smaller (-1). The signs are fixed
/// by what a fight is, both move at once, hands up, turned to each other and within arm's reach;
/// fitting may only say how much each counts. Fifty clips are too few to learn signs from.
struct PairFeature {
  absl::string_view name;
  int sign;
};
inline constexpr std::array<PairFeature, kPairFeatureCount> kPairFeatures = {{
    {"limbs_of_calmer", 1},  // log(0.1 + limb speed in trunks per second)
    {"limbs_of_busier", 1},  // the same
    {"hands_of_lower", 1},   // raised hands, in trunks above the shoulders
    {"hands_of_higher", 1},  //
    {"turned", 1},           // -2..2: how much both faces are turned to the other
    {"reach", -1},           // nearest hand to the other's trunk, in trunks, at most 3
    {"distance", -1},        // between the middles of their trunks, in trunks
}};

/// In the order of kPairFeatures; NaN for what is not known.
using PairValues = std::array<float, kPairFeatureCount>;

/// Where two people are to each other in one frame.
struct PairMoment {
  /// As the features of these names.
  float turned = 0;
  float reach = 0;
  float distance = 0;
  /// |log| of how much larger one of them looks: who looks much smaller stands far behind.
  float depth = 0;
};

PairMoment MeasurePair(const BodyMotion& a, const BodyMotion& b);

/// The features of two people, with the mean of the last second of where they were to each other.
PairValues ValuesOf(const BodyMotion& a, const BodyMotion& b, const PairMoment& mean);

/// The features of somebody whose opponent is not seen, taken to move as the seen one does: two who
/// hold each other are often found as one.
PairValues ValuesOfOneOfTwo(const BodyMotion& seen);

}  // namespace aislewatch::pose_fighting
