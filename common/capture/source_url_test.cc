#include "common/capture/source_url.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SourceUrl, KnowsEveryKind) {
  EXPECT_EQ(ParseSourceUrl("rtsp://10.0.0.7:554/stream1")->kind, SourceKind::kRtsp);
  EXPECT_EQ(ParseSourceUrl("RTSPS://cam/1")->kind, SourceKind::kRtsp);
  EXPECT_EQ(ParseSourceUrl("http://cam/video.mjpg")->kind, SourceKind::kHttp);
  EXPECT_EQ(ParseSourceUrl("https://cam/live.m3u8")->kind, SourceKind::kHttp);
  EXPECT_EQ(ParseSourceUrl("device:3")->device, 3);
  EXPECT_EQ(ParseSourceUrl("file:///videos/aisle%203.mp4")->target, "/videos/aisle 3.mp4");
  EXPECT_EQ(ParseSourceUrl("videos/aisle.mp4")->target, "videos/aisle.mp4");
}

TEST(SourceUrl, KeepsThePasswordForOpeningOnly) {
  const auto url = ParseSourceUrl("rtsp://admin:s3cret@cam:554/1?x=1");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->target, "rtsp://admin:s3cret@cam:554/1?x=1");
  EXPECT_EQ(url->masked, "rtsp://admin:***@cam:554/1?x=1");
}

TEST(SourceUrl, RefusesWhatCannotBeOpenedAndNeverTellsThePassword) {
  for (const char* bad : {"", "gopher://u:s3cret@x/", "rtsp://", "rtsp://u:s3cret@/1",
                          "rtsp://:554/1", "device:", "device:-1", "device:x", "device:256",
                          "file://relative.mp4", "file:///a%zz", "file:///a%00b", "a\nb"}) {
    const auto url = ParseSourceUrl(bad);
    EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(url.status().message()), Not(HasSubstr("s3cret"))) << bad;
  }
}

TEST(MaskPasswords, FindsThemAnywhere) {
  EXPECT_EQ(MaskPasswords("open rtsp://u:p@h/1 and http://a:b@c/d failed"),
            "open rtsp://u:***@h/1 and http://a:***@c/d failed");
  EXPECT_EQ(MaskPasswords("rtsp://u:p@ss@h/1"), "rtsp://u:***@h/1");
  EXPECT_EQ(MaskPasswords("rtsp://u:p/w@h/1"), "rtsp://u:***@h/1");
  EXPECT_EQ(MaskPasswords("rtsp://h:554/1"), "rtsp://h:554/1");
  EXPECT_EQ(MaskPasswords("rtsp://user@h:554/1"), "rtsp://user@h:554/1");
  EXPECT_EQ(MaskPasswords("no address"), "no address");
}

}  // namespace
}  // namespace aislewatch
