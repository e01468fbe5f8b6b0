#include "common/vision/hand_region.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace aislewatch {
namespace {

constexpr float kRegionOfBody = 0.45f;
constexpr float kLeastRegion = 32;
constexpr float kHandBeyondWrist = 1.0f / 3;
// Of a region's side: hands as close as this are in one region.
constexpr float kTogether = 0.4f;

constexpr std::array<std::pair<Joint, Joint>, 2> kForearms = {
    {{Joint::kLeftElbow, Joint::kLeftWrist}, {Joint::kRightElbow, Joint::kRightWrist}}};

bool Guessed(const Keypoint& joint) { return joint.confidence >= kLeastWristConfidence; }

cv::Point2f Pixels(const Keypoint& joint, FrameSize frame) {
  return {joint.x * static_cast<float>(frame.width), joint.y * static_cast<float>(frame.height)};
}

// In pixels; 0 where a shoulder or hip is missing.
float TrunkLength(const Pose& pose, FrameSize frame) {
  cv::Point2f trunk;
  for (const auto& [joint, sign] :
       {std::pair{Joint::kLeftShoulder, 0.5f}, std::pair{Joint::kRightShoulder, 0.5f},
        std::pair{Joint::kLeftHip, -0.5f}, std::pair{Joint::kRightHip, -0.5f}}) {
    if (!Guessed(At(pose, joint))) return 0;
    trunk += sign * Pixels(At(pose, joint), frame);
  }
  return std::hypot(trunk.x, trunk.y);
}

float BodyLength(const DetectedPerson& person, FrameSize frame) {
  const float box = std::max(person.box.width * static_cast<float>(frame.width),
                             person.box.height * static_cast<float>(frame.height));
  return std::max(box, kTrunksOfBody * TrunkLength(person.keypoints, frame));
}

std::vector<cv::Point2f> Hands(const Pose& pose, FrameSize frame) {
  std::vector<cv::Point2f> hands;
  for (const auto& [elbow, wrist] : kForearms) {
    if (!Guessed(At(pose, wrist))) continue;
    cv::Point2f hand = Pixels(At(pose, wrist), frame);
    if (Guessed(At(pose, elbow))) {
      hand += kHandBeyondWrist * (hand - Pixels(At(pose, elbow), frame));
    }
    hands.push_back(hand);
  }
  return hands;
}

}  // namespace

std::vector<cv::Rect> HandRegions(const DetectedPerson& person, FrameSize frame) {
  const float side = kRegionOfBody * BodyLength(person, frame);
  const auto longest = static_cast<float>(std::max(frame.width, frame.height));
  // Written so that NaN is refused; nobody is larger than four frames.
  if (!(side >= kLeastRegion && side <= 4 * longest)) return {};
  std::vector<cv::Point2f> hands = Hands(person.keypoints, frame);
  if (hands.size() == 2 && cv::norm(hands[0] - hands[1]) < kTogether * side) {
    hands = {0.5f * (hands[0] + hands[1])};
  }
  std::vector<cv::Rect> regions;
  for (const cv::Point2f& hand : hands) {
    if (!(std::abs(hand.x) <= 4 * longest && std::abs(hand.y) <= 4 * longest)) continue;
    const auto pixels = [](float value) { return static_cast<int>(std::lround(value)); };
    const cv::Rect region =
        cv::Rect(pixels(hand.x - side / 2), pixels(hand.y - side / 2), pixels(side), pixels(side)) &
        cv::Rect(0, 0, frame.width, frame.height);
    if (static_cast<float>(std::min(region.width, region.height)) >= kLeastRegion) {
      regions.push_back(region);
    }
  }
  return regions;
}

}  // namespace aislewatch
