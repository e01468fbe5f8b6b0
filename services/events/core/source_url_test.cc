#include "services/events/core/source_url.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CheckSourceUrl, TakesEveryDocumentedKind) {
  for (const char* url :
       {"rtsp://10.0.0.5:554/stream1", "rtsps://user:pa%2Fss@camera.example/live?channel=1",
        "http://camera/mjpg", "https://[fe80::1]:8443/video", "file:///videos/shop.mp4",
        "device:0"}) {
    EXPECT_TRUE(CheckSourceUrl(url).ok()) << url << ": " << CheckSourceUrl(url);
  }
}

TEST(CheckSourceUrl, RefusesWhatIngestCouldNotOpen) {
  for (const char* url :
       {"", "camera", "ftp://host/a", "rtsp://", "rtsp:///path", "rtsp://h:0/", "rtsp://h:99999/",
        "rtsp://host/a b", "file://relative.mp4", "device:x"}) {
    EXPECT_FALSE(CheckSourceUrl(url).ok()) << url;
  }
}

TEST(CheckSourceUrl, NeverRepeatsThePassword) {
  const absl::Status status = CheckSourceUrl("rtsp://user:sec/ret@camera/live");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("ret")));
  EXPECT_FALSE(CheckSourceUrl("rtsp://user:12/ret@camera/live").ok());
}

TEST(CheckSourceUrl, RefusesAMaskedPassword) {
  EXPECT_FALSE(CheckSourceUrl("rtsp://user:***@camera/live").ok());
}

TEST(MaskPassword, HidesPasswordsAndNothingElse) {
  EXPECT_EQ(MaskPassword("rtsp://user:secret@camera:554/live"), "rtsp://user:***@camera:554/live");
  EXPECT_EQ(MaskPassword("rtsp://user:a@b@camera/live"), "rtsp://user:***@camera/live");
  EXPECT_EQ(MaskPassword("http://camera/v?channel=2&Password=x&api_key=y"),
            "http://camera/v?channel=2&Password=***&api_key=***");
  EXPECT_EQ(MaskPassword("rtsp://user@camera/live"), "rtsp://user@camera/live");
  EXPECT_EQ(MaskPassword("file:///videos/a:b@c.mp4"), "file:///videos/a:b@c.mp4");
  EXPECT_EQ(MaskPassword("device:0"), "device:0");
}

TEST(MaskPassword, ChangesNothingTheSecondTime) {
  const std::string once = MaskPassword("rtsp://user:secret@camera/live?token=1");
  EXPECT_EQ(MaskPassword(once), once);
}

}  // namespace
}  // namespace aislewatch::events
