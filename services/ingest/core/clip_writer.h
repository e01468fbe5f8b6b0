// Makes a video file out of pictures. adapters/h264_clip_writer.h encodes with FFmpeg's libraries.
#pragma once

#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/vision/geometry.h"

namespace aislewatch::ingest {

/// What the file is to be.
struct ClipFormat {
  /// Of the first picture; others are scaled to it.
  FrameSize size;
  /// Between two pictures, typically; > 0. Only a hint for the encoder and for the last picture.
  absl::Duration interval = absl::Milliseconds(100);
  /// At most so many pictures come; >= 1.
  int most_pictures = 1;
  /// When the first picture was taken; written into the file.
  absl::Time start;
  /// For people who find the file by itself; may be empty.
  std::string comment;
};

/// One file, from its first picture to its last. Used by one thread at a time; calls take
/// milliseconds for each picture.
class ClipWriter {
 public:
  virtual ~ClipWriter() = default;
  /// `bgr`: 8-bit BGR. `position`: of the picture in the file; 0 for the first, then rising.
  virtual absl::Status Add(const cv::Mat& bgr, absl::Duration position) = 0;
  /// No more pictures come: the complete file. Once.
  virtual absl::StatusOr<std::string> Finish() = 0;
};

/// Begins a file. Thread-safe.
using NewClipWriter =
    std::function<absl::StatusOr<std::unique_ptr<ClipWriter>>(const ClipFormat& format)>;

}  // namespace aislewatch::ingest
