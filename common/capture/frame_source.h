// Where video comes from: files, cameras, streams.
//
// A FrameSource belongs to one thread, which may block in it for as long as the source's timeouts
// say, and with a broken driver for ever. Whoever must not hang uses SourceReader, which runs the
// source on a thread that can be abandoned.
#pragma once

#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// A decoded picture.
struct CapturedFrame {
  /// 8-bit BGR, each side 1..kMaxImageSide pixels; not shared with the source.
  cv::Mat image;
  /// When the camera took it. Rises from frame to frame of one source.
  absl::Time capture_time;
};

/// What a source says of itself once it is open.
struct SourceInfo {
  /// Four characters, for example "h264"; empty where unknown.
  std::string codec;
  FrameSize size;
  /// As declared by the stream; 0 where unknown.
  double fps = 0;
  /// As declared by the file; 0 for streams.
  int64_t frame_count = 0;
};

/// One video, read frame by frame.
class FrameSource {
 public:
  virtual ~FrameSource() = default;

  /// Opens it. Called once, before anything else. NOT_FOUND or INVALID_ARGUMENT where trying again
  /// changes nothing unless somebody repairs it, UNAVAILABLE otherwise. Messages hold no password.
  virtual absl::Status Open() = 0;

  /// Moves to the next picture and returns its capture time; cheap where the picture is not wanted.
  /// OUT_OF_RANGE at the end of a file, UNAVAILABLE where the stream broke.
  virtual absl::StatusOr<absl::Time> Grab() = 0;

  /// The picture that Grab moved to.
  virtual absl::StatusOr<cv::Mat> Retrieve() = 0;

  /// Valid after Open succeeded.
  virtual SourceInfo info() const = 0;

  /// From any thread, at any time: makes a waiting Grab return soon with CANCELLED, where the
  /// source can. A call that hangs in a driver cannot be cancelled.
  virtual void Cancel() {}

  /// Grab and Retrieve in one.
  absl::StatusOr<CapturedFrame> Next() {
    absl::StatusOr<absl::Time> time = Grab();
    if (!time.ok()) return std::move(time).status();
    absl::StatusOr<cv::Mat> image = Retrieve();
    if (!image.ok()) return std::move(image).status();
    return CapturedFrame{*std::move(image), *time};
  }
};

}  // namespace aislewatch
