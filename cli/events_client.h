// Calls of event storage that several commands make.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/events.pb.h"

namespace aislewatch {

/// All incidents that the filter lets through, newest first, over all pages. Blocks.
absl::StatusOr<std::vector<v1::Incident>> ListAllIncidents(
    const std::shared_ptr<grpc::Channel>& events, const v1::IncidentFilter& filter);

/// The incidents of `expected` (id and number of the last transition) once event storage has them
/// all, in order of opening. With `closed` it also waits until all are closed, as they are after
/// their stream's end; those that are not by then are given as they are. DEADLINE_EXCEEDED names
/// what is missing.
absl::StatusOr<std::vector<v1::Incident>> AwaitIncidents(
    const std::shared_ptr<grpc::Channel>& events,
    const std::vector<std::pair<std::string, uint32_t>>& expected, absl::Time deadline,
    bool closed = false);

/// "concealment", "restricted_zone": the enumerator without its prefix, in lower case.
std::string KindName(v1::IncidentKind kind);
/// "info", "warning", "critical".
std::string SeverityName(v1::Severity severity);

}  // namespace aislewatch
