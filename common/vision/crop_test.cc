#include "common/vision/crop.h"

#include <limits>

#include <opencv2/core.hpp>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

TEST(Crop, KeepsTheShapeAndFillsOutsideWithGrey) {
  cv::Mat frame(100, 200, CV_8UC3, cv::Scalar(0, 0, 255));
  // A tall box at the left edge: the square's left part lies outside the frame.
  const cv::Mat crop = CropPerson(frame, {0.0f, 0.0f, 0.1f, 1.0f}, {.side = 64, .margin = 0});
  EXPECT_EQ(crop.size(), cv::Size(64, 64));
  EXPECT_EQ(crop.at<cv::Vec3b>(32, 2), cv::Vec3b(114, 114, 114));
  EXPECT_EQ(crop.at<cv::Vec3b>(32, 60), cv::Vec3b(0, 0, 255));
}

TEST(Crop, AbsurdBoxesGiveGrey) {
  cv::Mat frame(100, 200, CV_8UC3, cv::Scalar(0, 0, 255));
  const float inf = std::numeric_limits<float>::infinity();
  for (const NormalizedBox& box : {NormalizedBox{0, 0, 0, 0}, NormalizedBox{0, 0, inf, 1},
                                   NormalizedBox{inf, 0, 1, 1}, NormalizedBox{0, 0, 1e9f, 1},
                                   NormalizedBox{1e9f, 1e9f, .1f, .1f}}) {
    const cv::Mat crop = CropPerson(frame, box, {.side = 32});
    EXPECT_EQ(crop.at<cv::Vec3b>(16, 16), cv::Vec3b(114, 114, 114));
  }
}

TEST(Crop, KeypointsLieInTheCropWhereTheyLieInTheFrame) {
  cv::Mat frame(100, 200, CV_8UC3, cv::Scalar(0, 0, 0));
  frame.at<cv::Vec3b>(60, 150) = cv::Vec3b(255, 255, 255);
  const NormalizedBox box = {0.6f, 0.2f, 0.2f, 0.6f};
  Pose pose{};
  pose[0] = {150.5f / 200, 60.5f / 100, 0.8f};
  const CropOptions options = {.side = 78};  // The square's own side: 60 pixels and 15 % around.
  const cv::Mat crop = CropPerson(frame, box, options);
  const Pose in_crop = KeypointsInCrop(pose, {frame.cols, frame.rows}, box, options);
  cv::Mat grey;
  cv::extractChannel(crop, grey, 0);
  cv::Point brightest;
  cv::minMaxLoc(grey(cv::Rect(20, 10, 50, 60)), nullptr, nullptr, nullptr, &brightest);
  EXPECT_NEAR(in_crop[0].x * 78, static_cast<float>(brightest.x + 20) + 0.5f, 0.51f);
  EXPECT_NEAR(in_crop[0].y * 78, static_cast<float>(brightest.y + 10) + 0.5f, 0.51f);
  EXPECT_FLOAT_EQ(in_crop[0].confidence, 0.8f);
}

TEST(Crop, KeypointsOfAnAbsurdBoxAreUnknown) {
  Pose pose{};
  pose.fill({0.5f, 0.5f, 0.9f});
  for (const Keypoint& joint : KeypointsInCrop(pose, {200, 100}, {0, 0, 0, 0})) {
    EXPECT_EQ(joint.confidence, 0);
  }
}

}  // namespace
}  // namespace aislewatch
