#include "services/pose/core/appearance.h"

#include <limits>

#include <opencv2/imgproc.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose {
namespace {

using ::aislewatch::pose::testing::kTestFrame;
using ::aislewatch::pose::testing::StandingAt;

const cv::Scalar kRed(40, 40, 180);
const cv::Scalar kBlue(170, 60, 30);

cv::Mat EmptyStore() { return {kTestFrame.height, kTestFrame.width, CV_8UC3, cv::Scalar::all(150)}; }

// Paints a person's whole box, which is more than anybody looks at.
void Dress(cv::Mat& picture, const DetectedPerson& person, const cv::Scalar& colour) {
  const auto width = static_cast<float>(picture.cols), height = static_cast<float>(picture.rows);
  cv::rectangle(picture,
                cv::Rect2f(person.box.x * width, person.box.y * height, person.box.width * width,
                           person.box.height * height),
                colour, cv::FILLED);
}

Appearance LookOf(const cv::Scalar& colour, double light = 1) {
  const DetectedPerson person = StandingAt(.5f, .5f);
  cv::Mat picture = EmptyStore();
  Dress(picture, person, colour * light);
  return AppearancesOf(picture, {person}).front();
}

TEST(Appearance, TellsClothesOfOtherColoursApart) {
  EXPECT_GT(AppearanceSimilarity(LookOf(kRed), LookOf(kRed)), 0.99);
  EXPECT_LT(AppearanceSimilarity(LookOf(kRed), LookOf(kBlue)), 0.5);
}

TEST(Appearance, ALittleLessLightIsTheSamePerson) {
  EXPECT_GT(AppearanceSimilarity(LookOf(kRed), LookOf(kRed, 0.9)), 0.8);
}

TEST(Appearance, WhoeverIsHiddenByANearerPersonIsNotKnown) {
  const DetectedPerson behind = StandingAt(.5f, .5f), before = StandingAt(.51f, .55f);
  cv::Mat picture = EmptyStore();
  Dress(picture, behind, kRed);
  Dress(picture, before, kBlue);
  const auto looks = AppearancesOf(picture, {behind, before});
  EXPECT_FALSE(looks[0].known);
  ASSERT_TRUE(looks[1].known);
  EXPECT_GT(AppearanceSimilarity(looks[1], LookOf(kBlue)), 0.99);
  EXPECT_LT(AppearanceSimilarity(looks[0], looks[1]), 0) << "nothing is said of who is not known";
}

TEST(Appearance, WithoutShouldersAndHipsTheBoxTells) {
  DetectedPerson person = StandingAt(.5f, .5f);
  for (Keypoint& joint : person.keypoints) joint.confidence = 0;
  cv::Mat picture = EmptyStore();
  Dress(picture, person, kRed);
  EXPECT_GT(AppearanceSimilarity(AppearancesOf(picture, {person}).front(), LookOf(kRed)), 0.99);
}

TEST(Appearance, AbsurdAndTinyPeopleAreNotKnown) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::vector<DetectedPerson> people = {StandingAt(.5f, .5f, .02f), StandingAt(0, 0),
                                        StandingAt(kNan, .5f), StandingAt(.5f, kInfinite),
                                        StandingAt(-40, 3), DetectedPerson{}};
  for (const Appearance& look : AppearancesOf(EmptyStore(), people)) EXPECT_FALSE(look.known);
}

TEST(Appearance, BlendsSlowlyAndIgnoresWhatIsNotKnown) {
  Appearance kept;
  Blend(kept, LookOf(kRed), 0.1f);
  EXPECT_GT(AppearanceSimilarity(kept, LookOf(kRed)), 0.99) << "the first is taken over";
  Blend(kept, LookOf(kBlue), 0.1f);
  EXPECT_GT(AppearanceSimilarity(kept, LookOf(kRed)), 0.9);
  Blend(kept, Appearance{}, 1);
  EXPECT_TRUE(kept.known);
}

}  // namespace
}  // namespace aislewatch::pose
