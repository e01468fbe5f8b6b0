#include "models/clip_training/clip_reader.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/capture/opencv_source.h"
#include "common/capture/rate_sampler.h"
#include "common/capture/source_url.h"

namespace aislewatch::clip_training {

absl::StatusOr<std::vector<CapturedFrame>> ReadClip(const std::string& path, size_t max_frames) {
  AW_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(path));
  FakeClock clock(absl::UnixEpoch());  // A file's frames are timed from when it was opened.
  const std::unique_ptr<FrameSource> source =
      MakeOpenCvSource(url, {.as_fast_as_possible = true}, clock);
  AW_RETURN_IF_ERROR(source->Open());
  RateSampler sampler(kAnalysisFps);
  std::vector<CapturedFrame> frames;
  while (frames.size() < max_frames) {
    const absl::StatusOr<absl::Time> time = source->Grab();
    if (absl::IsOutOfRange(time.status())) break;
    if (!time.ok()) return Annotate(time.status(), path);
    if (!sampler.Take(*time)) continue;
    AW_ASSIGN_OR_RETURN(cv::Mat image, source->Retrieve());
    frames.push_back({std::move(image), *time});
  }
  if (frames.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has no frame that can be decoded"));
  }
  return frames;
}

}  // namespace aislewatch::clip_training
