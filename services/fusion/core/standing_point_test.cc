#include "services/fusion/core/standing_point.h"

#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

// Shoulders at 0.2, hips at 0.35, ankles at 0.58; the box reaches to `bottom`.
DetectedPerson Standing(float bottom, float ankle_confidence) {
  DetectedPerson person;
  person.box = {0.4f, 0.1f, 0.1f, bottom - 0.1f};
  const auto put = [&](Joint joint, float x, float y, float confidence) {
    person.keypoints[static_cast<size_t>(joint)] = {x, y, confidence};
  };
  put(Joint::kLeftShoulder, 0.48f, 0.2f, 0.9f);
  put(Joint::kRightShoulder, 0.42f, 0.2f, 0.9f);
  put(Joint::kLeftHip, 0.47f, 0.35f, 0.9f);
  put(Joint::kRightHip, 0.43f, 0.35f, 0.9f);
  put(Joint::kLeftAnkle, 0.47f, 0.58f, ankle_confidence);
  put(Joint::kRightAnkle, 0.43f, 0.58f, ankle_confidence);
  return person;
}

TEST(StandingPoint, IsUnderTheBoxOfWhoShowsTheirFeet) {
  const NormalizedPoint foot = StandingPoint(Standing(0.6f, 0.5f));
  EXPECT_FLOAT_EQ(foot.x, 0.45f);
  EXPECT_FLOAT_EQ(foot.y, 0.6f);
}

TEST(StandingPoint, IsBelowTheBoxOfWhoStandsBehindAShelf) {
  const NormalizedPoint foot = StandingPoint(Standing(0.38f, 0.1f));
  EXPECT_FLOAT_EQ(foot.x, 0.45f);
  EXPECT_NEAR(foot.y, 0.6f, 0.02f);
}

TEST(StandingPoint, HiddenLegsNeverRaiseIt) {
  EXPECT_FLOAT_EQ(StandingPoint(Standing(0.7f, 0.1f)).y, 0.7f);
}

TEST(StandingPoint, WithoutATrunkTheBoxIsAllThereIs) {
  DetectedPerson person = Standing(0.38f, 0.1f);
  person.keypoints[static_cast<size_t>(Joint::kLeftHip)].confidence = 0;
  EXPECT_FLOAT_EQ(StandingPoint(person).y, 0.38f);
}

}  // namespace
}  // namespace aislewatch::fusion
