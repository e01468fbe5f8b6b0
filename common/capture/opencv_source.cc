#include "common/capture/opencv_source.h"

#include <sys/stat.h>

#include <atomic>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/videoio.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/vision/image_codec.h"

namespace aislewatch {
namespace {

// Runs a call into OpenCV and turns its exceptions into a status.
template <class Call>
absl::Status Guard(const SourceUrl& url, Call call) {
  try {
    return call();
  } catch (const std::exception& e) {
    return absl::UnavailableError(
        absl::StrCat(url.masked, ": the video library failed: ", MaskPasswords(e.what())));
  }
}

SourceInfo ReadInfo(const cv::VideoCapture& capture, bool is_file) {
  SourceInfo info;
  const auto fourcc = static_cast<uint32_t>(capture.get(cv::CAP_PROP_FOURCC));
  for (int shift = 0; shift < 32 && fourcc != 0; shift += 8) {
    const char c = static_cast<char>((fourcc >> shift) & 0xff);
    if (absl::ascii_isgraph(c)) info.codec += c;
  }
  info.size = {static_cast<int>(capture.get(cv::CAP_PROP_FRAME_WIDTH)),
               static_cast<int>(capture.get(cv::CAP_PROP_FRAME_HEIGHT))};
  const double fps = capture.get(cv::CAP_PROP_FPS);
  if (std::isfinite(fps) && fps > 0 && fps <= 1000) info.fps = fps;
  const double count = capture.get(cv::CAP_PROP_FRAME_COUNT);
  if (is_file && std::isfinite(count) && count > 0) info.frame_count = std::llround(count);
  return info;
}

// What file, stream and device have in common.
class OpenCvSource : public FrameSource {
 public:
  OpenCvSource(SourceUrl url, const SourceOptions& options, Clock& clock)
      : url_(std::move(url)), options_(options), clock_(clock) {}

  absl::StatusOr<cv::Mat> Retrieve() override {
    cv::Mat image;
    AW_RETURN_IF_ERROR(Guard(url_, [&] {
      return capture_.retrieve(image) ? absl::OkStatus()
                                      : absl::UnavailableError(absl::StrCat(
                                            url_.masked, ": a frame could not be decoded"));
    }));
    const bool fits = !image.empty() && image.type() == CV_8UC3 && image.cols <= kMaxImageSide &&
                      image.rows <= kMaxImageSide;
    if (!fits) {
      return absl::InvalidArgumentError(
          absl::StrCat(url_.masked, ": frames of ", image.cols, "x", image.rows,
                       " pixels cannot be used; each side must be 1..", kMaxImageSide));
    }
    // Some backends lend their own buffer, which the next Grab overwrites.
    return image.clone();
  }

  SourceInfo info() const override { return info_; }

 protected:
  absl::Status OpenCapture(int backend, const std::vector<int>& parameters) {
    return Guard(url_, [&]() -> absl::Status {
      const bool open = url_.kind == SourceKind::kDevice
                            ? capture_.open(url_.device, backend, parameters)
                            : capture_.open(url_.target, backend, parameters);
      if (!open) return absl::UnavailableError("");
      info_ = ReadInfo(capture_, url_.is_file());
      return absl::OkStatus();
    });
  }

  absl::StatusOr<bool> GrabNext() {
    bool grabbed = false;
    AW_RETURN_IF_ERROR(Guard(url_, [&] {
      grabbed = capture_.grab();
      return absl::OkStatus();
    }));
    return grabbed;
  }

  const SourceUrl url_;
  const SourceOptions options_;
  Clock& clock_;
  cv::VideoCapture capture_;
  SourceInfo info_;
};

class LiveSource : public OpenCvSource {
 public:
  using OpenCvSource::OpenCvSource;

  absl::Status Open() override {
    if (url_.kind == SourceKind::kDevice) {
      if (OpenCapture(cv::CAP_V4L2, {}).ok()) return absl::OkStatus();
      return absl::UnavailableError(
          absl::StrCat("cannot open /dev/video", url_.device,
                       "; check that the camera is plugged in, that nobody else uses it, and that "
                       "this user may read the device (group video)"));
    }
    // FFmpeg is forced: other backends know no timeouts. Without OPENCV_FFMPEG_CAPTURE_OPTIONS
    // OpenCV asks for RTSP over TCP, which loses no packets.
    const std::vector<int> parameters = {
        cv::CAP_PROP_OPEN_TIMEOUT_MSEC,
        static_cast<int>(absl::ToInt64Milliseconds(options_.open_timeout)),
        cv::CAP_PROP_READ_TIMEOUT_MSEC,
        static_cast<int>(absl::ToInt64Milliseconds(options_.read_timeout))};
    if (OpenCapture(cv::CAP_FFMPEG, parameters).ok()) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(
        "cannot open ", url_.masked, " within ", absl::FormatDuration(options_.open_timeout),
        "; check that the camera is reachable from here, the path, user name and password"));
  }

  absl::StatusOr<absl::Time> Grab() override {
    AW_ASSIGN_OR_RETURN(const bool grabbed, GrabNext());
    if (!grabbed) {
      return absl::UnavailableError(
          absl::StrCat(url_.masked, " sent no frame within ",
                       absl::FormatDuration(options_.read_timeout), " or closed the connection"));
    }
    const absl::Time now = clock_.Now();
    // The wall clock may be set back; capture times may not.
    last_ = std::max(now, last_ + absl::Microseconds(1));
    return last_;
  }

 private:
  absl::Time last_ = absl::InfinitePast();
};

class FileSource : public OpenCvSource {
 public:
  using OpenCvSource::OpenCvSource;

  absl::Status Open() override {
    struct stat found {};
    if (stat(url_.target.c_str(), &found) != 0) {
      return absl::NotFoundError(
          absl::StrCat("no video file ", url_.masked, "; check the path and its permissions"));
    }
    if (!S_ISREG(found.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat(url_.masked, " is no file; name a video file"));
    }
    if (!OpenCapture(cv::CAP_FFMPEG, {}).ok() || info_.size.width < 1) return NoVideo();
    start_ = clock_.Now();
    return absl::OkStatus();
  }

  absl::StatusOr<absl::Time> Grab() override {
    AW_ASSIGN_OR_RETURN(bool grabbed, GrabNext());
    if (!grabbed) {
      if (frames_this_round_ == 0) return NoVideo();
      if (!options_.loop) {
        return absl::OutOfRangeError(absl::StrCat(url_.masked, " has been read to its end"));
      }
      AW_RETURN_IF_ERROR(Rewind());
      AW_ASSIGN_OR_RETURN(grabbed, GrabNext());
      if (!grabbed) return NoVideo();
    }
    ++frames_this_round_;
    offset_ = NextOffset();
    const absl::Time due = start_ + offset_;
    if (!options_.as_fast_as_possible) AW_RETURN_IF_ERROR(WaitUntil(due));
    return due;
  }

  void Cancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    changed_.SignalAll();
  }

 private:
  absl::Status NoVideo() const {
    return absl::InvalidArgumentError(absl::StrCat(
        url_.masked, " holds no video that FFmpeg can read; convert it, for example with ffmpeg "
                     "-i FILE -c:v libx264 -pix_fmt yuv420p OUT.mp4"));
  }

  absl::Status Rewind() {
    round_start_ = offset_ + FrameTime();
    frames_this_round_ = 0;
    // Opening again also works for containers that cannot seek.
    if (!OpenCapture(cv::CAP_FFMPEG, {}).ok()) return NoVideo();
    return absl::OkStatus();
  }

  absl::Duration FrameTime() const { return absl::Seconds(1) / (info_.fps > 0 ? info_.fps : 25); }

  // Time of the frame just grabbed since the file was opened. Time stamps that do not rise (some
  // AVI and raw files have none) are replaced by the frame rate's.
  absl::Duration NextOffset() {
    const double stamp_ms = capture_.get(cv::CAP_PROP_POS_MSEC);
    const absl::Duration stamped =
        std::isfinite(stamp_ms) ? absl::Milliseconds(stamp_ms) : absl::ZeroDuration();
    if (frames_this_round_ == 1) {
      first_stamp_ = stamped;
      return round_start_;
    }
    const absl::Duration offset = round_start_ + stamped - first_stamp_;
    return offset > offset_ ? offset : offset_ + FrameTime();
  }

  absl::Status WaitUntil(absl::Time due) {
    absl::MutexLock lock(&mutex_);
    while (!cancelled_ && clock_.Now() < due) clock_.WaitUntil(changed_, mutex_, due);
    return cancelled_ ? absl::CancelledError("the source was closed") : absl::OkStatus();
  }

  absl::Time start_;
  absl::Duration round_start_;
  absl::Duration first_stamp_;
  absl::Duration offset_;
  int64_t frames_this_round_ = 0;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<FrameSource> MakeOpenCvSource(const SourceUrl& url, const SourceOptions& options,
                                              Clock& clock) {
  if (url.is_file()) return std::make_unique<FileSource>(url, options, clock);
  return std::make_unique<LiveSource>(url, options, clock);
}

}  // namespace aislewatch
