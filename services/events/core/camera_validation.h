// What a camera must be like before it is stored. Pure functions.
#pragma once

#include "absl/status/status.h"
#include "services/events/core/camera.h"
#include "services/events/core/faults.h"

namespace aislewatch::events {

/// Adds every fault of the camera, its URL, zones and rules, but not whether its time zone is
/// known, which the store can tell (stores.h). The URL is not checked where `check_source_url` is
/// false: an update may carry a masked one, which can only be judged beside the one that is stored.
void CheckCamera(const Camera& camera, bool check_source_url, Faults& faults);

/// INVALID_ARGUMENT with every fault of the request.
absl::Status CheckLeaseRequest(const LeaseRequest& request);

}  // namespace aislewatch::events
