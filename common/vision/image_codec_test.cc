#include "common/vision/image_codec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "common/vision/crop.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

std::string SampleJpeg() {
  cv::Mat image(48, 64, CV_8UC3, cv::Scalar(10, 120, 240));
  return EncodeJpeg(image).value();
}

// Writes other sides into the frame header, as a liar would.
std::string WithSides(std::string jpeg, int width, int height) {
  const size_t sof = jpeg.find("\xFF\xC0");
  jpeg[sof + 5] = static_cast<char>(height >> 8);
  jpeg[sof + 6] = static_cast<char>(height & 0xff);
  jpeg[sof + 7] = static_cast<char>(width >> 8);
  jpeg[sof + 8] = static_cast<char>(width & 0xff);
  return jpeg;
}

TEST(ImageCodec, DecodesWhatItEncodes) {
  const auto image = DecodeJpeg(SampleJpeg());
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->cols, 64);
  EXPECT_EQ(image->rows, 48);
  EXPECT_NEAR(image->at<cv::Vec3b>(20, 20)[2], 240, 4);
}

TEST(ImageCodec, RefusesATruncatedJpegAtEveryLength) {
  const std::string jpeg = SampleJpeg();
  for (size_t n = 0; n + 2 < jpeg.size(); n += 7) {
    EXPECT_EQ(DecodeJpeg(jpeg.substr(0, n)).status().code(), absl::StatusCode::kInvalidArgument)
        << n;
  }
}

TEST(ImageCodec, RefusesAbsurdSidesBeforeDecoding) {
  for (const auto& [w, h] : {std::pair{0, 48}, {64, 0}, {30000, 30000}, {65535, 1}}) {
    const auto image = DecodeJpeg(WithSides(SampleJpeg(), w, h));
    EXPECT_THAT(std::string(image.status().message()), HasSubstr("must be 1..8192")) << w << h;
  }
}

TEST(ImageCodec, RawPictureMustHaveExactlyItsBytes) {
  EXPECT_TRUE(DecodeBgr(std::string(2 * 3 * 3, 'x'), 2, 3).ok());
  EXPECT_THAT(std::string(DecodeBgr("xx", 2, 3).status().message()), HasSubstr("needs 18 bytes"));
  EXPECT_FALSE(DecodeBgr("", 0, 0).ok());
  EXPECT_FALSE(DecodeBgr("", 30000, 30000).ok());
  EXPECT_FALSE(DecodeBgr("", 4294967295u, 4294967295u).ok());
}

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

}  // namespace
}  // namespace aislewatch
