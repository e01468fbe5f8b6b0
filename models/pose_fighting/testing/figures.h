// Drawn people for tests of fighting: trunk, head, arms and legs, seen from the side or the front.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "common/roles/fighting_scorer.h"

namespace aislewatch::pose_fighting {

inline constexpr FrameSize kTestFrame{640, 360};

/// Lengths in pixels of kTestFrame.
struct Figure {
  float x = 320;
  float y = 200;  // of the middle of the hips
  float trunk = 40;
  /// -1 looks left, 1 right, 0 at the camera.
  float looks = 0;
  /// Hands from the shoulders, in trunks.
  PixelPoint left_hand{0.2f, 0.9f};
  PixelPoint right_hand{-0.2f, 0.9f};
};

inline Pose PoseOf(const Figure& figure, float confidence = 0.9f) {
  Pose pose{};
  const auto put = [&](Joint joint, float x, float y) {
    pose[static_cast<size_t>(joint)] = {
        (figure.x + x * figure.trunk) / static_cast<float>(kTestFrame.width),
        (figure.y + y * figure.trunk) / static_cast<float>(kTestFrame.height), confidence};
  };
  put(Joint::kNose, 0.3f * figure.looks, -1.4f);
  put(Joint::kLeftEye, 0.25f * figure.looks, -1.45f);
  put(Joint::kRightEye, 0.25f * figure.looks, -1.45f);
  put(Joint::kLeftEar, 0.05f, -1.45f);
  put(Joint::kRightEar, -0.05f, -1.45f);
  put(Joint::kLeftShoulder, 0.2f, -1);
  put(Joint::kRightShoulder, -0.2f, -1);
  put(Joint::kLeftElbow, 0.2f + figure.left_hand.x / 2, -1 + figure.left_hand.y / 2);
  put(Joint::kRightElbow, -0.2f + figure.right_hand.x / 2, -1 + figure.right_hand.y / 2);
  put(Joint::kLeftWrist, 0.2f + figure.left_hand.x, -1 + figure.left_hand.y);
  put(Joint::kRightWrist, -0.2f + figure.right_hand.x, -1 + figure.right_hand.y);
  put(Joint::kLeftHip, 0.15f, 0);
  put(Joint::kRightHip, -0.15f, 0);
  put(Joint::kLeftKnee, 0.15f, 0.8f);
  put(Joint::kRightKnee, -0.15f, 0.8f);
  put(Joint::kLeftAnkle, 0.15f, 1.6f);
  put(Joint::kRightAnkle, -0.15f, 1.6f);
  return pose;
}

/// Who is where, so many seconds after the scene began; track ids are 1, 2 and so on.
using ActedScene = std::function<std::vector<Figure>(float seconds)>;

inline std::vector<PersonPose> PeopleOf(const std::vector<Figure>& figures) {
  std::vector<PersonPose> people;
  for (const Figure& figure : figures) people.push_back({people.size() + 1, PoseOf(figure)});
  return people;
}

inline std::vector<Figure> StandStill(float) {
  return {{.x = 300, .looks = 1}, {.x = 370, .looks = -1}};
}

/// Blows by turns, twice a second, at each other's head, hands up, feet and heads in motion.
inline std::vector<Figure> Hit(float seconds) {
  const float swing = std::sin(4 * 3.14159f * seconds);
  Figure left{.x = 300 + 10 * swing, .looks = 1};
  Figure right{.x = 360 + 8 * swing, .looks = -1};
  left.left_hand = {0.8f + 0.7f * swing, -0.3f};
  left.right_hand = {0.8f - 0.7f * swing, -0.1f + 0.3f * swing};
  right.left_hand = {-0.8f + 0.7f * swing, -0.2f - 0.3f * swing};
  right.right_hand = {-0.8f - 0.7f * swing, -0.3f};
  return {left, right};
}

/// Arms around each other, nothing moves.
inline std::vector<Figure> Hug(float) {
  Figure left{.x = 310, .looks = 1}, right{.x = 336, .looks = -1};
  left.left_hand = left.right_hand = {0.7f, 0.4f};
  right.left_hand = right.right_hand = {-0.7f, 0.4f};
  return {left, right};
}

/// From both sides past each other at 1.5 m/s, arms swinging once a second.
inline std::vector<Figure> WalkPast(float seconds) {
  const float swing = 0.3f * std::sin(2 * 3.14159f * seconds);
  Figure left{.x = 240 + 100 * seconds, .looks = 1}, right{.x = 400 - 100 * seconds, .looks = -1};
  left.left_hand.x += swing;
  left.right_hand.x -= swing;
  right.left_hand.x -= swing;
  right.right_hand.x += swing;
  return {left, right};
}

}  // namespace aislewatch::pose_fighting
