// Asking a server whether it is ready (grpc.health.v1), for those who start servers and wait.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace aislewatch {

/// Whether `service` ("liveness", "readiness" or "") is SERVING. Blocks until answered or
/// `deadline`; waits for a server that is not there yet. DEADLINE_EXCEEDED where nothing answered.
absl::StatusOr<bool> IsServing(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& service, absl::Time deadline);

}  // namespace aislewatch
