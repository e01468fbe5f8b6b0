// Clips are decoded again, by the video library that cameras are read with.
#include "services/ingest/adapters/h264_clip_writer.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/vision/image_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/core/clip_maker.h"
#include "services/ingest/testing/fake_stages.h"

namespace aislewatch::ingest {
namespace {

using ::testing::HasSubstr;

struct DecodedFrame {
  absl::Duration position;
  cv::Mat picture;
};

// A file that goes with the test.
class VideoFile {
 public:
  explicit VideoFile(const std::string& bytes) : path_(testing::TempDir() + "clip-XXXXXX.mp4") {
    close(mkstemps(path_.data(), 4));
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~VideoFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

  std::vector<DecodedFrame> Decode() const {
    cv::VideoCapture video(path_, cv::CAP_FFMPEG);
    std::vector<DecodedFrame> frames;
    cv::Mat picture;
    while (video.read(picture)) {
      frames.push_back({absl::Milliseconds(video.get(cv::CAP_PROP_POS_MSEC)), picture.clone()});
    }
    return frames;
  }

 private:
  std::string path_;
};

// What the picture says of itself: eight bars, black or white, are the bits of `index`.
cv::Mat Barcode(int index, FrameSize size = {320, 240}) {
  cv::Mat picture(size.height, size.width, CV_8UC3, cv::Scalar::all(90));
  for (int bit = 0; bit < 8; ++bit) {
    const cv::Rect bar(bit * size.width / 8, size.height / 2, size.width / 8, size.height / 2);
    picture(bar).setTo(cv::Scalar::all(((index >> bit) & 1) != 0 ? 235 : 20));
  }
  return picture;
}

int ReadBarcode(const cv::Mat& picture) {
  int index = 0;
  for (int bit = 0; bit < 8; ++bit) {
    const int x = bit * picture.cols / 8 + picture.cols / 16;
    if (picture.at<cv::Vec3b>(picture.rows * 3 / 4, x)[1] > 128) index |= 1 << bit;
  }
  return index;
}

const absl::Time kStart = absl::FromUnixSeconds(1000);

// A camera that stutters: gaps of 70 to 160 ms, and one of two seconds.
std::vector<absl::Duration> Stutter(int frames) {
  std::vector<absl::Duration> times;
  absl::Duration at;
  for (int i = 0; i < frames; ++i) {
    times.push_back(at);
    at += i == 40 ? absl::Seconds(2) : absl::Milliseconds(70 + (i * 37) % 91);
  }
  return times;
}

ClipRecording RecordingOf(const std::vector<absl::Duration>& times) {
  ClipRecording recording;
  recording.camera_id = "cam";
  recording.incident_id = "inc";
  recording.from = kStart;
  recording.blur_heads = false;
  for (size_t i = 0; i < times.size(); ++i) {
    auto frame = std::make_shared<RingFrame>();
    frame->capture_time = kStart + times[i];
    frame->sequence = i + 1;
    frame->jpeg =
        std::make_shared<const std::string>(EncodeJpeg(Barcode(static_cast<int>(i))).value());
    frame->poses_known = true;
    recording.frames.push_back(std::move(frame));
  }
  return recording;
}

std::string Clip(const ClipRecording& recording) {
  auto clip = MakeClip(recording, &NewH264ClipWriter, [] { return false; });
  EXPECT_TRUE(clip.ok()) << clip.status();
  return clip.ok() ? *clip : "";
}

TEST(H264Clip, EveryFrameStandsAtItsCaptureTimeMinusTheClipsStart) {
  const std::vector<absl::Duration> times = Stutter(150);
  const VideoFile file(Clip(RecordingOf(times)));
  const std::vector<DecodedFrame> frames = file.Decode();
  ASSERT_EQ(frames.size(), times.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(ReadBarcode(frames[i].picture), static_cast<int>(i));
    // Half a frame would be 50 ms.
    EXPECT_LE(absl::AbsDuration(frames[i].position - times[i]), absl::Milliseconds(2)) << i;
  }
}

TEST(H264Clip, SeekingByTimeFindsTheFrameOfThatTime) {
  const std::vector<absl::Duration> times = Stutter(150);
  const VideoFile file(Clip(RecordingOf(times)));
  for (const int wanted : {0, 33, 90, 149}) {
    cv::VideoCapture video(file.path(), cv::CAP_FFMPEG);
    // OpenCV seeks by the average rate, so frames are counted; a browser goes by the times.
    ASSERT_TRUE(video.set(cv::CAP_PROP_POS_FRAMES, wanted));
    cv::Mat picture;
    ASSERT_TRUE(video.read(picture));
    const int found = ReadBarcode(picture);
    const double at = video.get(cv::CAP_PROP_POS_MSEC);
    EXPECT_NEAR(at, absl::ToDoubleMilliseconds(times[found]), 2) << wanted;
  }
}

TEST(H264Clip, TheIndexStandsBeforeThePicturesAndThereAreKeyPictures) {
  const std::string file = Clip(RecordingOf(Stutter(100)));
  const size_t moov = file.find("moov");
  const size_t mdat = file.find("mdat");
  ASSERT_NE(moov, std::string::npos);
  ASSERT_NE(mdat, std::string::npos);
  EXPECT_LT(moov, mdat);
  EXPECT_NE(file.find("avc1"), std::string::npos);
  // A table of key pictures with more than the first.
  const size_t stss = file.find("stss");
  ASSERT_NE(stss, std::string::npos);
  EXPECT_GE(static_cast<unsigned char>(file[stss + 11]), 5);
}

TEST(H264Clip, IsWhatFfprobeCallsH264InYuv420p) {
  if (std::system("ffprobe -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no ffprobe here";
  const VideoFile file(Clip(RecordingOf(Stutter(30))));
  const std::string command = absl::StrCat(
      "ffprobe -v error -select_streams v -show_entries stream=codec_name,pix_fmt -of csv=p=0 ",
      file.path());
  FILE* probe = popen(command.c_str(), "r");
  char line[200] = {};
  ASSERT_NE(std::fgets(line, sizeof(line), probe), nullptr);
  pclose(probe);
  EXPECT_STREQ(line, "h264,yuv420p\n");
}

TEST(H264Clip, HeadsAreUnrecognisableInEveryDecodedFrame) {
  // A chequered wall, and somebody before it whom the model misses in every third frame.
  cv::Mat wall(480, 640, CV_8UC3);
  for (int y = 0; y < wall.rows; ++y) {
    for (int x = 0; x < wall.cols; ++x) {
      wall.at<cv::Vec3b>(y, x) = cv::Vec3b::all((x / 4 + y / 4) % 2 != 0 ? 235 : 20);
    }
  }
  ClipRecording recording = RecordingOf({});
  recording.blur_heads = true;
  for (int i = 0; i < 12; ++i) {
    auto frame = std::make_shared<RingFrame>();
    frame->capture_time = kStart + i * absl::Milliseconds(100);
    frame->jpeg = std::make_shared<const std::string>(EncodeJpeg(wall, 95).value());
    frame->sequence = static_cast<uint64_t>(i) + 1;
    frame->poses_known = i != 10;
    if (i % 3 != 0) frame->people = {StandingPerson(1)};
    recording.frames.push_back(std::move(frame));
  }
  const auto detail = [](const cv::Mat& picture, cv::Point centre) {
    double sum = 0;
    for (int y = centre.y - 6; y <= centre.y + 6; ++y) {
      for (int x = centre.x - 6; x <= centre.x + 6; ++x) {
        sum += std::abs(picture.at<cv::Vec3b>(y, x)[1] - picture.at<cv::Vec3b>(y, x + 4)[1]);
      }
    }
    return sum / (13 * 13);
  };
  const cv::Point head(320, 114);
  const cv::Point elsewhere(80, 400);
  const VideoFile file(Clip(recording));
  const std::vector<DecodedFrame> frames = file.Decode();
  ASSERT_EQ(frames.size(), 12u);
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_LT(detail(frames[i].picture, head), 40) << i;
    // Of frame 10 the poses were not known.
    const bool sharp = detail(frames[i].picture, elsewhere) > 100;
    EXPECT_EQ(sharp, i != 10) << i;
  }
  recording.blur_heads = false;
  const VideoFile shown(Clip(recording));
  EXPECT_GT(detail(shown.Decode().at(4).picture, head), 100);
}

TEST(H264Clip, FramesOfOtherAndOddSizesAreFitted) {
  auto writer = NewH264ClipWriter({.size = {161, 121}, .most_pictures = 3});
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_TRUE((*writer)->Add(Barcode(1, {161, 121}), absl::ZeroDuration()).ok());
  EXPECT_TRUE((*writer)->Add(Barcode(2, {320, 240}), absl::Milliseconds(100)).ok());
  const VideoFile file((*writer)->Finish().value());
  const std::vector<DecodedFrame> frames = file.Decode();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[1].picture.size(), cv::Size(160, 120));
  EXPECT_EQ(ReadBarcode(frames[1].picture), 2);
}

TEST(H264Clip, WhatIsNoClipIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(NewH264ClipWriter({.size = {1, 1}}).status()));
  auto writer = NewH264ClipWriter({.size = {320, 240}, .most_pictures = 2});
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE((*writer)->Add(Barcode(1), absl::Seconds(1)).ok());
  EXPECT_TRUE(absl::IsInvalidArgument((*writer)->Add(Barcode(1), absl::Seconds(1))));
  auto empty = NewH264ClipWriter({.size = {320, 240}, .most_pictures = 2});
  EXPECT_TRUE(absl::IsInvalidArgument((*empty)->Finish().status()));
}

}  // namespace
}  // namespace aislewatch::ingest
