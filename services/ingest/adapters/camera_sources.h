// Makes the source that a camera's settings name.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "common/capture/frame_source.h"
#include "services/ingest/core/camera_settings.h"

namespace aislewatch::ingest {

/// Never null: of an address that cannot be read it is a source whose Open says so, so that the
/// fault shows in the camera's status like any other.
std::unique_ptr<FrameSource> MakeCameraSource(const CameraSettings& settings,
                                              absl::Duration open_timeout,
                                              absl::Duration read_timeout);

}  // namespace aislewatch::ingest
