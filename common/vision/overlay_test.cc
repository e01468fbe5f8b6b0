#include "common/vision/overlay.h"

#include <limits>

#include <opencv2/imgproc.hpp>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

OverlayPerson Standing(std::optional<float> risk) {
  OverlayPerson p;
  p.person.track_id = 7;
  p.person.person.box = {0.4f, 0.2f, 0.2f, 0.7f};
  p.person.person.keypoints.fill({0.5f, 0.5f, 0.9f});
  p.person.person.keypoints[0] = {0.5f, 0.3f, 0.9f};
  p.risk = risk;
  return p;
}

int Changed(const cv::Mat& frame) {
  cv::Mat grey;
  cv::cvtColor(frame, grey, cv::COLOR_BGR2GRAY);
  return cv::countNonZero(grey);
}

TEST(Overlay, BoxTakesTheColourOfTheRisk) {
  for (const auto& [risk, colour] : {std::pair{0.0f, cv::Vec3b(0, 255, 0)},
                                     std::pair{1.0f, cv::Vec3b(0, 0, 255)}}) {
    cv::Mat frame = cv::Mat::zeros(200, 300, CV_8UC3);
    DrawOverlay(frame, {Standing(risk)});
    EXPECT_EQ(frame.at<cv::Vec3b>(120, 120), colour);  // left edge of the box
    EXPECT_EQ(frame.at<cv::Vec3b>(60, 150), cv::Vec3b(255, 255, 255));  // the nose
  }
}

TEST(Overlay, UnseenJointsAndAbsurdCoordinatesDrawNothing) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const float bad : {inf, -inf, std::numeric_limits<float>::quiet_NaN(), 1e30f}) {
    cv::Mat frame = cv::Mat::zeros(200, 300, CV_8UC3);
    OverlayPerson p = Standing(0.5f);
    p.person.person.box = {bad, bad, bad, bad};
    p.person.person.keypoints.fill({bad, bad, 0.9f});
    DrawOverlay(frame, {p});
    EXPECT_EQ(Changed(frame), 0);
  }
  cv::Mat frame = cv::Mat::zeros(200, 300, CV_8UC3);
  OverlayPerson unseen = Standing(0.5f);
  unseen.person.person.box = {9, 9, 1, 1};
  unseen.person.person.keypoints.fill({0.5f, 0.5f, 0.1f});
  DrawOverlay(frame, {unseen});
  EXPECT_EQ(Changed(frame), 0);
}

TEST(Overlay, ThingsAreDrawnInTheColourOfTheirKind) {
  for (const auto& [weapon, colour] :
       {std::pair{true, cv::Vec3b(255, 0, 255)}, std::pair{false, cv::Vec3b(255, 200, 120)}}) {
    cv::Mat frame = cv::Mat::zeros(200, 300, CV_8UC3);
    DrawObjects(frame, {{"knife", 0.8f, {0.4f, 0.2f, 0.2f, 0.4f}, weapon, 1}});
    EXPECT_EQ(frame.at<cv::Vec3b>(80, 120), colour);  // left edge of the box
  }
}

TEST(Overlay, DoubtfulThingsAndAbsurdBoxesDrawNothing) {
  cv::Mat frame = cv::Mat::zeros(200, 300, CV_8UC3);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  DrawObjects(frame, {{"knife", 0.4f, {0.4f, 0.2f, 0.2f, 0.4f}, true, 1},
                      {"knife", kNan, {0.4f, 0.2f, 0.2f, 0.4f}, true, 1},
                      {"knife", 0.9f, {kNan, 0.2f, 1e30f, 0.4f}, true, 1}});
  EXPECT_EQ(Changed(frame), 0);
}

TEST(Overlay, FitsIntoTheSmallestFrame) {
  cv::Mat frame = cv::Mat::zeros(1, 1, CV_8UC3);
  DrawOverlay(frame, {Standing(std::nullopt)}, "concealment");
  EXPECT_EQ(frame.size(), cv::Size(1, 1));
}

}  // namespace
}  // namespace aislewatch
