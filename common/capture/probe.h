// What is behind an address: for `aislewatch probe` and for people who set up cameras.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/capture/frame_source.h"

namespace aislewatch {

/// What a probe found.
struct ProbeReport {
  /// The address without its password.
  std::string url;
  /// Codec, size and rate as the source declares them; the size is that of the first frame.
  SourceInfo info;
  /// Frames read within the time.
  int frames_read = 0;
  /// From the capture times of the frames after the first second, since a stream begins with a
  /// burst of what the decoder had gathered; of all frames where there are few; 0 where nothing is
  /// known.
  double measured_fps = 0;
  /// The last frame; 8-bit BGR, empty where there was none. Nothing in it has been made unrecognisable.
  cv::Mat picture;
  /// From the start to the first frame.
  absl::Duration first_frame_after;
  /// OK where at least one frame was read; else what is wrong and what to do about it.
  absl::Status status;
};

/// Opens `url` and reads three seconds of video, for at most `timeout`, more or less. Blocks, never
/// longer than about `timeout`: a source that hangs is left behind. Messages hold no password.
ProbeReport ProbeSource(const std::string& url, absl::Duration timeout);

/// The same for a source that the caller made.
ProbeReport ProbeSource(std::unique_ptr<FrameSource> source, const std::string& masked_url,
                        absl::Duration timeout, Clock& clock);

}  // namespace aislewatch
