#include "common/capture/probe.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/capture/opencv_source.h"
#include "common/capture/source_reader.h"
#include "common/capture/source_url.h"

namespace aislewatch {
namespace {

constexpr absl::Duration kEnough = absl::Seconds(3);
constexpr absl::Duration kBurst = absl::Seconds(1);

double MeasuredFps(const std::vector<absl::Time>& times) {
  if (times.size() < 2) return 0;
  auto from = std::find_if(times.begin(), times.end(),
                           [&](absl::Time t) { return t >= times.front() + kBurst; });
  if (times.end() - from < 5) from = times.begin();
  const absl::Duration span = times.back() - *from;
  if (span <= absl::ZeroDuration()) return 0;
  return static_cast<double>(times.end() - from - 1) / absl::ToDoubleSeconds(span);
}

}  // namespace

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
  std::vector<absl::Time> times;
  while (times.size() < 2 || times.back() - times.front() < kEnough) {
    absl::StatusOr<CapturedFrame> frame = reader.Next();
    if (!frame.ok()) {
      report.status = frame.status();
      break;
    }
    if (report.frames_read++ == 0) {
      report.info = reader.info();
      report.info.size = {frame->image.cols, frame->image.rows};
      report.first_frame_after = clock.Now() - start;
    }
    times.push_back(frame->capture_time);
    report.picture = std::move(frame->image);
    if (clock.Now() - start >= timeout) break;
  }
  if (report.frames_read == 0 && absl::IsDeadlineExceeded(report.status)) {
    report.status = absl::DeadlineExceededError(
        absl::StrCat(masked_url, " did not answer within ", absl::FormatDuration(timeout),
                     "; check that the camera is on, its address and port, and the network"));
  }
  if (report.frames_read > 0) report.status = absl::OkStatus();
  report.measured_fps = MeasuredFps(times);
  return report;
}

}  // namespace aislewatch
