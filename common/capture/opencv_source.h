// Files, RTSP and HTTP streams through OpenCV's FFmpeg backend, and USB devices through V4L2.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/capture/frame_source.h"
#include "common/capture/source_url.h"

namespace aislewatch {

/// How a source is opened.
struct SourceOptions {
  /// For streams: give up opening after so long. FFmpeg keeps it, most of the time.
  absl::Duration open_timeout = absl::Seconds(8);
  /// For streams: give up waiting for a frame after so long.
  absl::Duration read_timeout = absl::Seconds(5);
  /// For files: frames as fast as they are asked for, instead of at the file's own pace.
  bool as_fast_as_possible = false;
  /// For files: from the start again at the end.
  bool loop = false;
};

/// A source for `url`, not yet opened.
///
/// Capture times: of streams and devices the clock at the arrival of the frame; of files the clock
/// when the file was opened plus the frame's own time stamp, over all loops.
/// `clock` must outlive the source.
std::unique_ptr<FrameSource> MakeOpenCvSource(const SourceUrl& url, const SourceOptions& options,
                                              Clock& clock = RealClock());

}  // namespace aislewatch
