#include "common/vision/image_codec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

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

}  // namespace
}  // namespace aislewatch
