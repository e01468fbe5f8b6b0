#include "models/pose_fighting/body_motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/pose_fighting/testing/figures.h"

namespace aislewatch::pose_fighting {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

BodyMotion Follow(double fps, double seconds, const std::function<Pose(float)>& pose) {
  BodyMotion motion;
  for (int i = 0; i <= fps * seconds; ++i) {
    const double t = i / fps;
    const auto body = MeasureBody(pose(static_cast<float>(t)), kTestFrame);
    EXPECT_TRUE(body.has_value());
    motion.Push(absl::UnixEpoch() + absl::Seconds(t), *body);
  }
  return motion;
}

Pose Waving(float seconds, float trunk = 40) {
  Figure figure{.trunk = trunk};
  figure.left_hand = {0.5f * std::sin(2 * 3.14159f * seconds), -0.5f};
  return PoseOf(figure);
}

TEST(BodyMotion, WhoMovesAsAWholeMovesNoLimb) {
  const BodyMotion still = Follow(10, 2, [](float) { return PoseOf({}); });
  EXPECT_NEAR(still.limb_speed(), 0, 1e-3);
  const BodyMotion carried =
      Follow(10, 2, [](float t) { return PoseOf({.x = 100 + 150 * t, .y = 200 - 20 * t}); });
  EXPECT_NEAR(carried.limb_speed(), 0, 1e-3);
  EXPECT_NEAR(carried.raised_hand(), -0.9f, 1e-3);
  EXPECT_NEAR(carried.trunk(), 40, 1e-3);
}

TEST(BodyMotion, SpeedsAreAlikeAtEveryFrameRateAndSize) {
  const float at_ten = Follow(10, 3, [](float t) { return Waving(t); }).limb_speed();
  EXPECT_GT(at_ten, 0.1f);
  for (const double fps : {5.0, 7.5, 15.0, 25.0, 30.0}) {
    const BodyMotion other = Follow(fps, 3, [](float t) { return Waving(t); });
    EXPECT_NEAR(other.limb_speed() / at_ten, 1, 0.15) << fps;
    EXPECT_NEAR(other.raised_hand(), 0.5f, 0.05f) << fps;
  }
  const BodyMotion small = Follow(10, 3, [](float t) { return Waving(t, 15); });
  EXPECT_NEAR(small.limb_speed() / at_ten, 1, 0.02);
}

TEST(BodyMotion, NothingIsKnownOfWhoWasSeenBriefly) {
  EXPECT_FALSE(Follow(10, 0.2, [](float t) { return Waving(t); }).known());
  EXPECT_TRUE(Follow(10, 0.4, [](float t) { return Waving(t); }).known());
  EXPECT_FALSE(Follow(30, 0.1, [](float t) { return Waving(t); }).known());
  EXPECT_TRUE(std::isnan(Follow(10, 0, [](float t) { return Waving(t); }).limb_speed()));
}

TEST(BodyMotion, NobodyJumpsOverAGap) {
  BodyMotion motion = Follow(10, 1, [](float) { return PoseOf({}); });
  Figure elsewhere;
  elsewhere.left_hand = {2, -2};
  motion.Push(absl::UnixEpoch() + absl::Seconds(2.5), *MeasureBody(PoseOf(elsewhere), kTestFrame));
  EXPECT_TRUE(std::isnan(motion.limb_speed()));
  EXPECT_FALSE(motion.known());
}

TEST(BodyMotion, GuessedJointsDoNotMove) {
  const auto hidden_arms = [](float t) {
    Pose pose = Waving(t);
    for (const Joint joint : {Joint::kLeftWrist, Joint::kRightWrist, Joint::kLeftElbow}) {
      pose[static_cast<size_t>(joint)].confidence = 0.05f;
    }
    return pose;
  };
  const BodyMotion motion = Follow(10, 2, hidden_arms);
  EXPECT_NEAR(motion.limb_speed(), 0, 1e-3);
  EXPECT_TRUE(std::isnan(motion.raised_hand()));
}

TEST(BodyMotion, OneBadPoseDoesNotRescale) {
  const BodyMotion motion = Follow(
      10, 2, [](float t) { return PoseOf({.trunk = t > 0.95f && t < 1.05f ? 120.0f : 40.0f}); });
  EXPECT_NEAR(motion.trunk(), 40, 1e-3);
}

TEST(MeasureBody, NeedsAShoulderAndAHip) {
  Pose pose = PoseOf({});
  pose[static_cast<size_t>(Joint::kLeftHip)] = {};
  EXPECT_TRUE(MeasureBody(pose, kTestFrame).has_value());
  pose[static_cast<size_t>(Joint::kRightHip)] = {};
  EXPECT_FALSE(MeasureBody(pose, kTestFrame).has_value());
  EXPECT_FALSE(MeasureBody(Pose{}, kTestFrame).has_value());
  EXPECT_FALSE(MeasureBody(PoseOf({}, kNan), kTestFrame).has_value());
  EXPECT_FALSE(MeasureBody(PoseOf({.x = kNan}), kTestFrame).has_value());
}

}  // namespace
}  // namespace aislewatch::pose_fighting
