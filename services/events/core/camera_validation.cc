#include "services/events/core/camera_validation.h"

#include <string>

#include "common/base/ids.h"
#include "common/base/time_zone_name.h"
#include "services/events/core/faults.h"
#include "services/events/core/source_url.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxNameLength = 256;
constexpr size_t kMaxReportBytes = 64u << 10;
constexpr uint32_t kMaxCamerasPerHolder = 10000;
constexpr absl::Duration kMinLease = absl::Seconds(2);
constexpr absl::Duration kMaxLease = absl::Seconds(60);

}  // namespace

void CheckCamera(const Camera& camera, bool check_source_url, Faults& faults) {
  faults.Add(CheckId(camera.camera_id, "camera_id"));
  faults.Add(CheckId(camera.store_id, "store_id"));
  if (camera.name.size() > kMaxNameLength) faults.Add("name", "is over 256 characters");
  if (check_source_url) faults.Add(CheckSourceUrl(camera.source_url));
  if (camera.analysis_fps != 0 && !(camera.analysis_fps >= 0.1f && camera.analysis_fps <= 60)) {
    faults.Add("analysis_fps", "must be 0.1..60 frames per second, or 0 for the default");
  }
  if (camera.analysis_size != 0 && (camera.analysis_size < 64 || camera.analysis_size > 4096)) {
    faults.Add("analysis_size", "must be 64..4096 pixels, or 0 for the default");
  }
  if (!camera.time_zone.empty()) faults.Add(CheckTimeZoneName(camera.time_zone, "time_zone"));
  for (const std::string& fault : SceneFaults(camera.scene)) faults.Add(fault);
}

absl::Status CheckLeaseRequest(const LeaseRequest& request) {
  Faults faults;
  faults.Add(CheckId(request.holder, "holder"));
  if (request.duration < kMinLease || request.duration > kMaxLease) {
    faults.Add("lease_duration", "must be within 2s..60s");
  }
  if (request.max_cameras > kMaxCamerasPerHolder) faults.Add("max_cameras", "must be 0..10000");
  for (const std::string& id : request.release_camera_ids) {
    faults.Add(CheckId(id, "release_camera_ids"));
  }
  for (const PipelineReport& report : request.reports) {
    faults.Add(CheckId(report.camera_id, "pipelines.identity.camera_id"));
    if (report.pipeline.size() > kMaxReportBytes) faults.Add("pipelines", "holds over 64 KiB");
  }
  return faults.ToStatus("lease request");
}

}  // namespace aislewatch::events
