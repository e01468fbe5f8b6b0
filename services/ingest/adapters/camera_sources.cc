#include "services/ingest/adapters/camera_sources.h"

#include <utility>

#include "common/capture/opencv_source.h"
#include "common/capture/source_url.h"

namespace aislewatch::ingest {
namespace {

class UnreadableAddress : public FrameSource {
 public:
  explicit UnreadableAddress(absl::Status fault) : fault_(std::move(fault)) {}
  absl::Status Open() override { return fault_; }
  absl::StatusOr<absl::Time> Grab() override { return fault_; }
  absl::StatusOr<cv::Mat> Retrieve() override { return fault_; }
  SourceInfo info() const override { return {}; }

 private:
  const absl::Status fault_;
};

}  // namespace

std::unique_ptr<FrameSource> MakeCameraSource(const CameraSettings& settings,
                                              absl::Duration open_timeout,
                                              absl::Duration read_timeout) {
  const absl::StatusOr<SourceUrl> url = ParseSourceUrl(settings.source_url);
  if (!url.ok()) return std::make_unique<UnreadableAddress>(url.status());
  SourceOptions options;
  options.open_timeout = open_timeout;
  options.read_timeout = read_timeout;
  options.as_fast_as_possible = settings.as_fast_as_possible;
  options.loop = settings.loop;
  return MakeOpenCvSource(*url, options);
}

}  // namespace aislewatch::ingest
