#include "services/fusion/core/standing_point.h"

#include <algorithm>
#include <initializer_list>

namespace aislewatch::fusion {
namespace {

// From the hips to the soles by from the shoulders to the hips, of a standing person (Winter 2009,
// "Biomechanics and Motor Control of Human Movement", fig. 4.1: 0.53 and 0.288 of the height), less
// a little, since a camera under the ceiling foreshortens what is lower more.
constexpr float kLegsByTrunk = 1.7f;

bool AllShown(const Pose& pose, std::initializer_list<Joint> joints) {
  return std::all_of(joints.begin(), joints.end(),
                     [&](Joint joint) { return At(pose, joint).confidence >= kShownConfidence; });
}

}  // namespace

NormalizedPoint StandingPoint(const DetectedPerson& person) {
  NormalizedPoint foot = person.box.foot();
  const Pose& pose = person.keypoints;
  if (AllShown(pose, {Joint::kLeftAnkle}) || AllShown(pose, {Joint::kRightAnkle})) return foot;
  if (!AllShown(pose, {Joint::kLeftShoulder, Joint::kRightShoulder, Joint::kLeftHip,
                       Joint::kRightHip})) {
    return foot;
  }
  const float shoulders =
      (At(pose, Joint::kLeftShoulder).y + At(pose, Joint::kRightShoulder).y) / 2;
  const float hips = (At(pose, Joint::kLeftHip).y + At(pose, Joint::kRightHip).y) / 2;
  foot.y = std::max(foot.y, hips + kLegsByTrunk * (hips - shoulders));
  return foot;
}

}  // namespace aislewatch::fusion
