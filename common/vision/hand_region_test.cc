#include "common/vision/hand_region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <tuple>

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr FrameSize kFrame{1000, 500};

// Somebody 200 pixels tall whose hands are far apart, 10 below their elbows.
DetectedPerson Person() {
  DetectedPerson person;
  person.box = {0.4f, 0.2f, 0.1f, 0.4f};
  const auto set = [&person](Joint joint, float x, float y) {
    person.keypoints[static_cast<size_t>(joint)] = {x / kFrame.width, y / kFrame.height, 0.9f};
  };
  set(Joint::kLeftElbow, 500, 170);
  set(Joint::kLeftWrist, 500, 200);
  set(Joint::kRightElbow, 400, 170);
  set(Joint::kRightWrist, 400, 200);
  return person;
}

void Move(DetectedPerson& person, Joint joint, float x, float y) {
  Keypoint& keypoint = person.keypoints[static_cast<size_t>(joint)];
  keypoint.x = x / kFrame.width;
  keypoint.y = y / kFrame.height;
}

TEST(HandRegions, AreSquaresAroundTheHandsBeyondTheWrists) {
  EXPECT_THAT(HandRegions(Person(), kFrame),
              ElementsAre(cv::Rect(455, 165, 90, 90), cv::Rect(355, 165, 90, 90)));
}

TEST(HandRegions, AreCutToTheFrame) {
  DetectedPerson person = Person();
  Move(person, Joint::kLeftElbow, 980, 470);
  Move(person, Joint::kLeftWrist, 980, 470);
  EXPECT_EQ(HandRegions(person, kFrame).at(0), cv::Rect(935, 425, 65, 75));
}

TEST(HandRegions, OfHandsThatAreTogetherAreOne) {
  DetectedPerson person = Person();
  Move(person, Joint::kLeftElbow, 410, 170);
  Move(person, Joint::kLeftWrist, 420, 200);
  // The hands are at (423, 210) and (400, 210).
  EXPECT_THAT(HandRegions(person, kFrame), ElementsAre(cv::Rect(367, 165, 90, 90)));
}

TEST(HandRegions, OfABodyThatThePictureCutsOffAreMeasuredByItsTrunk) {
  DetectedPerson person = Person();
  for (const auto& [joint, x, y] : {std::tuple{Joint::kLeftShoulder, 470.0f, 100.0f},
                                    std::tuple{Joint::kRightShoulder, 430.0f, 100.0f},
                                    std::tuple{Joint::kLeftHip, 470.0f, 200.0f},
                                    std::tuple{Joint::kRightHip, 430.0f, 200.0f}}) {
    Move(person, joint, x, y);
    person.keypoints[static_cast<size_t>(joint)].confidence = 0.9f;
  }
  EXPECT_EQ(HandRegions(person, kFrame).at(0).width, 144);
}

TEST(HandRegions, AreThereForWristsThatWereFoundOnly) {
  DetectedPerson person = Person();
  person.keypoints[static_cast<size_t>(Joint::kLeftWrist)].confidence = 0.05f;
  EXPECT_THAT(HandRegions(person, kFrame), ElementsAre(cv::Rect(355, 165, 90, 90)));
  person.keypoints[static_cast<size_t>(Joint::kRightWrist)].confidence =
      std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(HandRegions(person, kFrame), IsEmpty());
}

TEST(HandRegions, AreNoneOfWhoIsTooSmallAndOfBoxesThatNobodyHas) {
  DetectedPerson small = Person();
  small.box.height = small.box.width = 0.05f;
  EXPECT_THAT(HandRegions(small, kFrame), IsEmpty());
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInf, -kInf, 1e30f, -1e30f}) {
    DetectedPerson person = Person();
    for (const Joint wrist : {Joint::kLeftWrist, Joint::kRightWrist}) {
      person.keypoints[static_cast<size_t>(wrist)].x = bad;
    }
    EXPECT_THAT(HandRegions(person, kFrame), IsEmpty()) << bad;
    person = Person();
    person.box = {bad, bad, bad, bad};
    for (const cv::Rect& region : HandRegions(person, kFrame)) {
      EXPECT_EQ(region & cv::Rect(0, 0, kFrame.width, kFrame.height), region) << bad;
    }
  }
}

}  // namespace
}  // namespace aislewatch
