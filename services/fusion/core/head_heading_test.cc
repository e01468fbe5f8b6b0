#include "services/fusion/core/head_heading.h"

#include <cmath>
#include <limits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

constexpr float kAspect = 16.0f / 9;
constexpr float kHeight = 0.5f;

void Put(Pose& pose, Joint joint, float x, float confidence = 0.9f) {
  pose[static_cast<size_t>(joint)] = {x, 0.2f, confidence};
}

// A head at x 0.5 that is turned by `degrees` from the camera, to the right of the picture; all
// points shown, also those behind the head. Sizes by hand: of a body of half a picture's height.
Pose HeadAt(double degrees) {
  const double turn = degrees * M_PI / 180;
  // In fractions of the picture's width.
  const double ear = 0.083 / 2 * 0.5 / (16.0 / 9), eye = 0.036 / 2 * 0.5 / (16.0 / 9);
  const double depth = 0.057 * 0.5 / (16.0 / 9);
  Pose pose{};
  const auto at = [&](double forward, double left) {
    return static_cast<float>(0.5 + forward * std::sin(turn) + left * std::cos(turn));
  };
  Put(pose, Joint::kNose, at(depth, 0));
  Put(pose, Joint::kLeftEye, at(depth, eye));
  Put(pose, Joint::kRightEye, at(depth, -eye));
  Put(pose, Joint::kLeftEar, at(0, ear));
  Put(pose, Joint::kRightEar, at(0, -ear));
  return pose;
}

void Hide(Pose& pose, Joint joint) { pose[static_cast<size_t>(joint)].confidence = 0.1f; }

double Degrees(const std::optional<Heading>& heading) {
  if (!heading) return std::nan("");
  return std::atan2(heading->right, heading->towards) * 180 / M_PI;
}

TEST(HeadHeading, TellsEveryTurnUpToWhereTheHeadIsSeenFromBehind) {
  for (const double turn : {-130.0, -90.0, -45.0, -10.0, 0.0, 30.0, 60.0, 90.0, 105.0, 130.0}) {
    EXPECT_NEAR(Degrees(HeadHeading(HeadAt(turn), kAspect, kHeight)), turn, 0.5) << turn;
  }
}

TEST(HeadHeading, TheAngleIsOneOfProportionsAndNotOfSizes) {
  EXPECT_NEAR(Degrees(HeadHeading(HeadAt(50), kAspect, 0.7f)), 50, 0.5);
  Pose pose = HeadAt(50);
  Hide(pose, Joint::kLeftEar);
  EXPECT_NEAR(Degrees(HeadHeading(pose, kAspect, 0.7f)), 50, 0.5);
}

TEST(HeadHeading, TheFramesShapeTellsHeadsFromWhatIsNone) {
  // The same fractions of the width are a head three times as broad in a picture that is so much
  // wider.
  EXPECT_FALSE(HeadHeading(HeadAt(50), 3 * kAspect, kHeight));
}

TEST(HeadHeading, AFaceThatIsTurnedAwayIsNotTold) {
  for (const double turn : {140.0, 160.0, 180.0, -140.0}) {
    EXPECT_FALSE(HeadHeading(HeadAt(turn), kAspect, kHeight)) << turn;
  }
}

TEST(HeadHeading, TheBackOfAHeadIsNotTold) {
  Pose pose = HeadAt(180);
  for (const Joint joint : {Joint::kNose, Joint::kLeftEye, Joint::kRightEye}) Hide(pose, joint);
  EXPECT_FALSE(HeadHeading(pose, kAspect, kHeight));
  EXPECT_FALSE(HeadHeading(Pose{}, kAspect, kHeight));
}

TEST(HeadHeading, OneEarAndBothEyesAreEnough) {
  Pose pose = HeadAt(40);
  // To the picture's right it is the person's left ear that stays behind the head.
  Hide(pose, Joint::kLeftEar);
  EXPECT_NEAR(Degrees(HeadHeading(pose, kAspect, kHeight)), 40, 0.5);
  pose = HeadAt(-40);
  Hide(pose, Joint::kRightEar);
  EXPECT_NEAR(Degrees(HeadHeading(pose, kAspect, kHeight)), -40, 0.5);
}

TEST(HeadHeading, EyesCountBesideEarsByHowFarApartTheyAre) {
  const auto with = [](Joint left, Joint right) {
    Pose pose = HeadAt(90);
    const float off = 0.02f * 0.5f / kAspect;
    pose[static_cast<size_t>(left)].x += off;
    pose[static_cast<size_t>(right)].x -= off;
    return Degrees(HeadHeading(pose, kAspect, kHeight));
  };
  const double by_ears = 90 - with(Joint::kLeftEar, Joint::kRightEar);
  const double by_eyes = 90 - with(Joint::kLeftEye, Joint::kRightEye);
  EXPECT_GT(by_ears, 15);
  EXPECT_NEAR(by_eyes, by_ears * 0.036 / 0.083, 2.5);
}

TEST(HeadHeading, ASlipOfBothEyesIsHealedByTheEars) {
  Pose pose = HeadAt(0);
  std::swap(pose[static_cast<size_t>(Joint::kLeftEye)],
            pose[static_cast<size_t>(Joint::kRightEye)]);
  EXPECT_NEAR(Degrees(HeadHeading(pose, kAspect, kHeight)), 0, 0.5);
}

TEST(HeadHeading, OneEarAndOneEyeAreAProfile) {
  Pose pose = HeadAt(80);
  Hide(pose, Joint::kLeftEar);
  Hide(pose, Joint::kLeftEye);
  EXPECT_NEAR(Degrees(HeadHeading(pose, kAspect, kHeight)), 90, 0.5);
}

TEST(HeadHeading, AHeadTwistedAgainstItsShouldersIsNotTold) {
  Pose pose = HeadAt(20);
  const float half = 0.23f / 2 * 0.5f / kAspect;
  // The back to the camera: the left shoulder is on the left.
  Put(pose, Joint::kLeftShoulder, 0.5f - half);
  Put(pose, Joint::kRightShoulder, 0.5f + half);
  EXPECT_FALSE(HeadHeading(pose, kAspect, kHeight));
  // Over the shoulder is what a neck can do.
  Pose over = HeadAt(95);
  Put(over, Joint::kLeftShoulder, 0.5f - half);
  Put(over, Joint::kRightShoulder, 0.5f + half);
  EXPECT_TRUE(HeadHeading(over, kAspect, kHeight));
}

TEST(HeadHeading, PointsThatNoHeadHasAreNotTold) {
  Pose pose = HeadAt(0);
  Put(pose, Joint::kNose, 0.9f);
  EXPECT_FALSE(HeadHeading(pose, kAspect, kHeight));
  Pose one_point = HeadAt(0);
  for (int i = 0; i < 5; ++i) one_point[static_cast<size_t>(i)].x = 0.5f;
  EXPECT_FALSE(HeadHeading(one_point, kAspect, kHeight));
}

TEST(HeadHeading, NumbersThatAreNoneAreHarmless) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, infinity, -infinity, 3e38f}) {
    for (size_t i = 0; i < 7; ++i) {
      Pose pose = HeadAt(10);
      pose[i] = {bad, bad, 0.9f};
      const auto heading = HeadHeading(pose, kAspect, kHeight);
      if (heading) {
        EXPECT_NEAR(std::hypot(heading->right, heading->towards), 1, 1e-3) << bad << " " << i;
      }
    }
    EXPECT_FALSE(HeadHeading(HeadAt(10), bad, kHeight));
    EXPECT_FALSE(HeadHeading(HeadAt(10), bad, bad));
  }
  EXPECT_FALSE(HeadHeading(HeadAt(10), kAspect, 0));
}

}  // namespace
}  // namespace aislewatch::fusion
