#include "common/capture/opencv_source.h"

#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/capture/probe.h"
#include "common/capture/rate_sampler.h"
#include "common/capture/scale.h"
#include "common/capture/testing/test_video.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

class VideoFileTest : public testing::Test {
 protected:
  std::unique_ptr<FrameSource> Open(const std::string& path, const SourceOptions& options) {
    auto source = MakeOpenCvSource(ParseSourceUrl(path).value(), options, clock_);
    opened_ = source->Open();
    return source;
  }

  FakeClock clock_{absl::FromUnixSeconds(5000)};
  const std::string path_ = absl::StrCat(testing::TempDir(), "/", NewUuid(), ".avi");
  const SourceOptions fast_{.as_fast_as_possible = true};
  absl::Status opened_;
};

TEST_F(VideoFileTest, ReadsEveryFrameWithItsOwnTimeThenEnds) {
  ASSERT_TRUE(WriteTestVideo(path_, 30, 25));
  auto source = Open(path_, fast_);
  ASSERT_TRUE(opened_.ok()) << opened_;
  EXPECT_EQ(source->info().size.width, 160);
  EXPECT_NEAR(source->info().fps, 25, 0.01);
  for (int i = 0; i < 30; ++i) {
    const auto frame = source->Next();
    ASSERT_TRUE(frame.ok()) << frame.status();
    EXPECT_NEAR(absl::ToDoubleSeconds(frame->capture_time - clock_.Now()), i / 25.0, 0.002) << i;
    EXPECT_NEAR(frame->image.at<cv::Vec3b>(60, 80)[1], 20 + 200 * i / 30, 6) << i;
  }
  EXPECT_TRUE(absl::IsOutOfRange(source->Next().status()));
}

TEST_F(VideoFileTest, SampledToALowerRateKeepsThatRate) {
  ASSERT_TRUE(WriteTestVideo(path_, 100, 25));
  auto source = Open(path_, fast_);
  RateSampler sampler(10);
  int taken = 0;
  for (auto time = source->Grab(); time.ok(); time = source->Grab()) taken += sampler.Take(*time);
  EXPECT_EQ(taken, 40);
}

TEST_F(VideoFileTest, LoopsWithTimesThatRise) {
  ASSERT_TRUE(WriteTestVideo(path_, 5, 10));
  auto source = Open(path_, {.as_fast_as_possible = true, .loop = true});
  for (int i = 0; i < 13; ++i) {
    const auto time = source->Grab();
    ASSERT_TRUE(time.ok()) << time.status();
    EXPECT_NEAR(absl::ToDoubleSeconds(*time - clock_.Now()), i / 10.0, 0.002) << i;
  }
}

TEST_F(VideoFileTest, AtItsOwnPaceAFrameComesWhenItsTimeHasCome) {
  ASSERT_TRUE(WriteTestVideo(path_, 5, 10));
  const absl::Time start = clock_.Now();
  auto source = Open(path_, {});
  std::vector<absl::Duration> early;
  std::thread reader([&] {
    for (auto time = source->Grab(); time.ok(); time = source->Grab()) {
      early.push_back(*time - clock_.Now());
    }
  });
  for (int i = 0; i < 50; ++i) clock_.Advance(absl::Milliseconds(10));
  reader.join();
  ASSERT_EQ(early.size(), 5u);
  for (const absl::Duration d : early) EXPECT_LE(d, absl::ZeroDuration());
  EXPECT_GE(clock_.Now() - start, absl::Milliseconds(400));
}

TEST_F(VideoFileTest, CancelWakesAReaderThatKeepsThePace) {
  ASSERT_TRUE(WriteTestVideo(path_, 5, 10));
  auto source = Open(path_, {});
  ASSERT_TRUE(source->Grab().ok());
  std::thread canceller([&] { source->Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(source->Grab().status()));
  canceller.join();
}

TEST_F(VideoFileTest, AFileThatIsNoVideoIsRefusedByName) {
  std::ofstream(path_) << std::string(5000, 'x');
  Open(path_, fast_);
  EXPECT_EQ(opened_.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(opened_.message()), HasSubstr(path_ + " holds no video"));
  std::ofstream(path_, std::ios::trunc) << "";
  Open(path_, fast_);
  EXPECT_EQ(opened_.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(VideoFileTest, AMissingFileAndAFolderAreRefusedByName) {
  Open(path_, fast_);
  EXPECT_EQ(opened_.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(opened_.message()), HasSubstr(path_));
  Open(testing::TempDir(), fast_);
  EXPECT_EQ(opened_.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(VideoFileTest, ProbeTellsCodecSizeAndRate) {
  ASSERT_TRUE(WriteTestVideo(path_, 30, 25));
  const ProbeReport report = ProbeSource(path_, absl::Seconds(20));
  ASSERT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.info.codec, "MJPG");
  EXPECT_EQ(report.info.size.height, 120);
  EXPECT_EQ(report.frames_read, 30);
  EXPECT_NEAR(report.measured_fps, 25, 0.1);
}

TEST(StreamSource, NobodyAtTheAddressIsSaidWithoutThePassword) {
  // Port 1 of the loopback interface refuses at once.
  const ProbeReport report = ProbeSource("rtsp://u:s3cret@127.0.0.1:1/x", absl::Seconds(5));
  EXPECT_EQ(report.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(report.status.message()), HasSubstr("rtsp://u:***@127.0.0.1:1/x"));
}

TEST(Scale, ShrinksTheLongerSideAndNeverEnlarges) {
  EXPECT_EQ(ScaleToFit(cv::Mat(1080, 1920, CV_8UC3), 640).size(), cv::Size(640, 360));
  EXPECT_EQ(ScaleToFit(cv::Mat(1920, 1080, CV_8UC3), 640).size(), cv::Size(360, 640));
  EXPECT_EQ(ScaleToFit(cv::Mat(240, 320, CV_8UC3), 640).size(), cv::Size(320, 240));
  EXPECT_EQ(ScaleToFit(cv::Mat(1, 8192, CV_8UC3), 64).size(), cv::Size(64, 1));
}

}  // namespace
}  // namespace aislewatch
