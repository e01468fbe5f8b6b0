#include "common/vision/letterbox.h"

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

TEST(InputSizeFor, KeepsTheShapeAndRoundsTheShortSideUp) {
  const auto expect = [](FrameSize source, int width, int height) {
    const FrameSize size = InputSizeFor(source, 448, 32);
    EXPECT_EQ(size.width, width) << source.width << "x" << source.height;
    EXPECT_EQ(size.height, height) << source.width << "x" << source.height;
  };
  expect({1280, 720}, 448, 256);
  expect({1920, 1080}, 448, 256);
  expect({640, 480}, 448, 352);
  expect({720, 1280}, 256, 448);
  expect({100, 100}, 448, 448);
  expect({8192, 1}, 448, 32);
  expect({1, 8192}, 32, 448);
}

TEST(Letterbox, CentresTheContentBetweenBars) {
  const Letterbox wide = FitLetterbox({1280, 720}, {448, 256});
  EXPECT_EQ(wide.content.width, 448);
  EXPECT_EQ(wide.content.height, 252);
  EXPECT_EQ(wide.left, 0);
  EXPECT_EQ(wide.top, 2);
  const Letterbox thread = FitLetterbox({8192, 1}, {448, 32});
  EXPECT_EQ(thread.content.height, 1);
}

TEST(Letterbox, PutsThePictureInPlaceAndFillsTheBars) {
  const cv::Mat image(20, 40, CV_8UC3, cv::Scalar(10, 20, 30));
  const Letterbox box = FitLetterbox({40, 20}, {64, 64});
  const cv::Mat out = ApplyLetterbox(image, box, cv::Scalar(114, 114, 114));
  ASSERT_EQ(out.size(), cv::Size(64, 64));
  EXPECT_EQ(out.at<cv::Vec3b>(15, 32), cv::Vec3b(114, 114, 114));
  EXPECT_EQ(out.at<cv::Vec3b>(16, 32), cv::Vec3b(10, 20, 30));
  EXPECT_EQ(out.at<cv::Vec3b>(47, 32), cv::Vec3b(10, 20, 30));
  EXPECT_EQ(out.at<cv::Vec3b>(48, 32), cv::Vec3b(114, 114, 114));
}

TEST(Letterbox, MapsPeopleBackToThePicture) {
  const Letterbox box = FitLetterbox({200, 100}, {64, 64});  // content 64x32, 16 rows of bar
  DetectedPerson person;
  person.box = {0.5f, 0.1f, 0.6f, 0.65f};  // begins in the upper bar, ends in the lower right
  person.keypoints[0] = {0.5f, 0.5f, 0.9f};
  person.keypoints[1] = {0.5f, 0.0f, 0.2f};
  const DetectedPerson mapped = ToSource(box, person);
  EXPECT_NEAR(mapped.box.x, 0.5f, 1e-5);
  EXPECT_NEAR(mapped.box.y, 0.0f, 1e-5);
  EXPECT_NEAR(mapped.box.right(), 1.0f, 1e-5);
  EXPECT_NEAR(mapped.box.bottom(), 1.0f, 1e-5);
  EXPECT_NEAR(mapped.keypoints[0].y, 0.5f, 1e-5);
  EXPECT_NEAR(mapped.keypoints[1].y, -0.5f, 1e-5);
  EXPECT_FLOAT_EQ(mapped.keypoints[0].confidence, 0.9f);
}

}  // namespace
}  // namespace aislewatch
