#include "models/clip_training/report/moment_picture.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "common/vision/image_codec.h"

namespace aislewatch::clip_training {
namespace {

// Every other column is white, so that blurring shows.
CapturedFrame Striped(int width, int height) {
  cv::Mat image(height, width, CV_8UC3);
  for (int x = 0; x < width; ++x) {
    image.col(x).setTo(cv::Scalar::all((x / 4) % 2 == 0 ? 0 : 255));
  }
  return {image, absl::UnixEpoch()};
}

FoundPerson Somebody(uint64_t track_id, float left) {
  FoundPerson person{track_id, {left, 0.2f, 0.2f, 0.7f}, {}};
  for (int j = 0; j < kJointCount; ++j) {
    const float down = j < 5 ? 0.25f : 0.35f + 0.03f * static_cast<float>(j);
    person.keypoints[j] = {left + 0.1f, down, 0.9f};
  }
  return person;
}

double Contrast(const cv::Mat& image, float x, float y) {
  const cv::Rect head(static_cast<int>(x * image.cols) - 8, static_cast<int>(y * image.rows) - 8,
                      16, 16);
  cv::Scalar mean, deviation;
  cv::meanStdDev(image(head), mean, deviation);
  return deviation[0];
}

TEST(MomentPictureTest, BlursEveryHeadAndDrawsOnePerson) {
  const auto jpeg = MomentPicture(
      Striped(480, 360), std::vector<FoundPerson>{Somebody(1, 0.1f), Somebody(2, 0.6f)}, {1});
  ASSERT_TRUE(jpeg.ok()) << jpeg.status();
  const cv::Mat image = *DecodeJpeg(*jpeg);
  EXPECT_EQ(image.cols, 480);
  EXPECT_GT(Contrast(image, 0.5f, 0.25f), 100);  // nobody
  EXPECT_LT(Contrast(image, 0.7f, 0.25f), 60);   // a bystander
  // Stripes are grey; what is drawn has a colour of its own.
  const auto coloured = [&](float left) {
    const cv::Mat half = image(cv::Rect(static_cast<int>(left * 480), 0, 144, 360));
    cv::Mat bgr[3], difference;
    cv::split(half, bgr);
    cv::absdiff(bgr[0], bgr[1], difference);
    return cv::countNonZero(difference > 60);
  };
  EXPECT_EQ(coloured(0.6f), 0);
}

TEST(MomentPictureTest, MakesLargeFramesSmall) {
  const auto jpeg = MomentPicture(Striped(1920, 1080), {}, {1});
  ASSERT_TRUE(jpeg.ok()) << jpeg.status();
  EXPECT_EQ(JpegSize(*jpeg)->width, 480);
  EXPECT_EQ(JpegSize(*jpeg)->height, 270);
}

TEST(MomentPictureTest, RefusesAFrameWithoutAPicture) {
  EXPECT_FALSE(MomentPicture({}, {}, {1}).ok());
}

}  // namespace
}  // namespace aislewatch::clip_training
