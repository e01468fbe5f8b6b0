#include "models/object_training/report/detection_picture.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "common/vision/image_codec.h"

namespace aislewatch::object_training {
namespace {

const std::vector<ObjectClass> kClasses = {{"knife", true}, {"phone", false}};

cv::Mat Grey(int width, int height) { return cv::Mat(height, width, CV_8UC3, cv::Scalar::all(90)); }

int Orange(const cv::Mat& image) {
  cv::Mat mask;
  cv::inRange(image, cv::Scalar(0, 90, 200), cv::Scalar(120, 190, 255), mask);
  return cv::countNonZero(mask);
}

int White(const cv::Mat& image) {
  cv::Mat mask;
  cv::inRange(image, cv::Scalar::all(220), cv::Scalar::all(255), mask);
  return cv::countNonZero(mask);
}

cv::Mat Drawn(const JudgedPicture& judged) {
  const auto jpeg = DetectionPicture(Grey(400, 300), judged, kClasses, 0.5);
  EXPECT_TRUE(jpeg.ok()) << jpeg.status();
  return *DecodeJpeg(*jpeg);
}

TEST(DetectionPictureTest, ShowsLabelsAndWhatIsFoundFromTheThresholdOn) {
  const NormalizedBox box{0.2f, 0.2f, 0.4f, 0.4f};
  const cv::Mat both = Drawn({{{0, box}}, {{1, 0.9f, box}}});
  EXPECT_GT(Orange(both), 500);
  const cv::Mat labelled = Drawn({{{0, box}}, {{1, 0.4f, box}}});
  EXPECT_EQ(Orange(labelled), 0);
  EXPECT_GT(White(labelled), 200);
  EXPECT_EQ(White(Drawn({{}, {}})), 0);
}

TEST(DetectionPictureTest, NothingHidesTheSurestOfSeveralOnOneThing) {
  const NormalizedBox box{0.2f, 0.2f, 0.4f, 0.4f};
  const auto one = DetectionPicture(Grey(400, 300), {{}, {{0, 0.9f, box}}}, kClasses, 0.5);
  const auto both =
      DetectionPicture(Grey(400, 300), {{}, {{0, 0.9f, box}, {1, 0.8f, box}}}, kClasses, 0.5);
  ASSERT_TRUE(one.ok() && both.ok());
  EXPECT_EQ(*one, *both);
}

TEST(DetectionPictureTest, MakesLargePicturesSmallAndKeepsSmallOnes) {
  const auto large = DetectionPicture(Grey(1920, 1080), {}, kClasses, 0.5);
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(JpegSize(*large)->width, 480);
  const auto small = DetectionPicture(Grey(200, 100), {}, kClasses, 0.5);
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(JpegSize(*small)->width, 200);
}

TEST(DetectionPictureTest, BoxesAtTheEdgesStayInside) {
  const NormalizedBox all{0, 0, 1, 1}, corner{0.98f, 0.98f, 0.2f, 0.2f};
  EXPECT_GT(Orange(Drawn({{{0, corner}}, {{1, 0.9f, all}, {0, 0.9f, corner}}})), 500);
}

TEST(DetectionPictureTest, RefusesToDrawOnNothing) {
  EXPECT_FALSE(DetectionPicture({}, {}, kClasses, 0.5).ok());
}

}  // namespace
}  // namespace aislewatch::object_training
