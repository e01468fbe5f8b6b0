#include "simulator/true_poses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace aislewatch::simulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr FrameSize kSize{640, 360};

// Of whom everything can be seen, but the left ear.
TruthPerson SomebodyAt(float x) {
  TruthPerson person;
  person.id = 7;
  person.box = {x - 0.05f, 0.2f, 0.1f, 0.6f};
  person.visible = 16.0f / 17;
  for (TruthKeypoint& joint : person.keypoints) joint = {{x, 0.5f}, Visibility::kVisible};
  person.keypoints[static_cast<size_t>(Joint::kLeftEar)].visibility = Visibility::kHidden;
  return person;
}

TruthFrame FrameWith(TruthPerson person) {
  TruthFrame frame;
  frame.people = {std::move(person)};
  return frame;
}

TEST(TruePosesTest, WithoutNoiseJointsAreThoseOfTheTruth) {
  TruePoses poses(0, kSize, 1);
  const auto people = poses.Of(FrameWith(SomebodyAt(0.3f)));
  ASSERT_THAT(people, SizeIs(1));
  EXPECT_EQ(people[0].track_id, 7u);
  EXPECT_FLOAT_EQ(people[0].person.box.foot().y, 0.8f);
  EXPECT_FLOAT_EQ(At(people[0].person.keypoints, Joint::kNose).x, 0.3f);
  EXPECT_GE(At(people[0].person.keypoints, Joint::kNose).confidence, kShownConfidence);
}

TEST(TruePosesTest, WhatIsHiddenIsNotShown) {
  TruePoses poses(1.5f, kSize, 1);
  const auto people = poses.Of(FrameWith(SomebodyAt(0.3f)));
  ASSERT_THAT(people, SizeIs(1));
  EXPECT_LT(At(people[0].person.keypoints, Joint::kLeftEar).confidence, kShownConfidence);
  EXPECT_GE(At(people[0].person.keypoints, Joint::kRightEar).confidence, kShownConfidence);
}

TEST(TruePosesTest, WhoCannotBeSeenIsNotThere) {
  TruePoses poses(1.5f, kSize, 1);
  TruthPerson person = SomebodyAt(0.3f);
  person.visible = 0;
  EXPECT_THAT(poses.Of(FrameWith(person)), IsEmpty());
}

TEST(TruePosesTest, NoiseHasTheSizeAskedForInPixelsBothWays) {
  TruePoses poses(3, kSize, 1);
  double across = 0, down = 0;
  int joints = 0;
  for (int i = 0; i < 500; ++i) {
    const auto people = poses.Of(FrameWith(SomebodyAt(0.3f)));
    for (const Keypoint& joint : people[0].person.keypoints) {
      if (joint.confidence < kShownConfidence) continue;
      across += std::pow((joint.x - 0.3) * kSize.width, 2);
      down += std::pow((joint.y - 0.5) * kSize.height, 2);
      ++joints;
    }
  }
  EXPECT_NEAR(std::sqrt(across / joints), 3, 0.1);
  EXPECT_NEAR(std::sqrt(down / joints), 3, 0.1);
}

TEST(TruePosesTest, TheSeedDecidesTheNoise) {
  const auto nose = [](uint64_t seed) {
    TruePoses poses(1.5f, kSize, seed);
    return At(poses.Of(FrameWith(SomebodyAt(0.3f)))[0].person.keypoints, Joint::kNose).x;
  };
  EXPECT_EQ(nose(1), nose(1));
  EXPECT_NE(nose(1), nose(2));
}

}  // namespace
}  // namespace aislewatch::simulator
