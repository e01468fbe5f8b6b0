#include "common/capture/probe.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/capture/opencv_source.h"
#include "common/capture/source_reader.h"
#include "common/capture/source_url.h"

namespace aislewatch {
namespace {
constexpr int kMaxFrames = 50;
}

ProbeReport ProbeSource(const std::string& url, absl::Duration timeout) {
  const absl::StatusOr<SourceUrl> parsed = ParseSourceUrl(url);
  if (!parsed.ok()) {
    ProbeReport report;
    report.url = MaskPasswords(url);
    report.status = parsed.status();
    return report;
  }
  SourceOptions options;
  options.open_timeout = timeout;
  options.read_timeout = timeout;
  options.as_fast_as_possible = true;
  return ProbeSource(MakeOpenCvSource(*parsed, options), parsed->masked, timeout, RealClock());
}

ProbeReport ProbeSource(std::unique_ptr<FrameSource> source, const std::string& masked_url,
                        absl::Duration timeout, Clock& clock) {
  ProbeReport report;
  report.url = masked_url;
  ReaderOptions options;
  // FFmpeg's own timeout, which explains itself better, gets the chance to come first.
  options.open_timeout = options.read_timeout = timeout + absl::Seconds(1);
  options.overflow = Overflow::kBlock;
  const absl::Time start = clock.Now();
  SourceReader reader(std::move(source), std::move(options), clock);
  absl::Time first, last;
  while (report.frames_read < kMaxFrames) {
    absl::StatusOr<CapturedFrame> frame = reader.Next();
    if (!frame.ok()) {
      report.status = frame.status();
      break;
    }
    if (report.frames_read++ == 0) {
      report.info = reader.info();
      report.info.size = {frame->image.cols, frame->image.rows};
      report.first_frame_after = clock.Now() - start;
      first = frame->capture_time;
    }
    last = frame->capture_time;
    if (clock.Now() - start >= timeout) break;
  }
  if (report.frames_read == 0 && absl::IsDeadlineExceeded(report.status)) {
    report.status = absl::DeadlineExceededError(
        absl::StrCat(masked_url, " did not answer within ", absl::FormatDuration(timeout),
                     "; check that the camera is on, its address and port, and the network"));
  }
  if (report.frames_read > 0) report.status = absl::OkStatus();
  if (last > first) {
    report.measured_fps = (report.frames_read - 1) / absl::ToDoubleSeconds(last - first);
  }
  return report;
}

}  // namespace aislewatch
