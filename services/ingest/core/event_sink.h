// Event storage as ingest sees it. adapters/grpc_events.h talks to the service;
// testing/fake_event_sink.h has one for tests.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/ingest/core/open_incidents.h"
#include "services/ingest/core/outbox.h"

namespace aislewatch::ingest {

/// Stores for good. Calls block until the answer or a timeout; thread-safe. Errors:
///   UNAVAILABLE, DEADLINE_EXCEEDED  event storage is away: try again later.
///   INVALID_ARGUMENT, NOT_FOUND     it will never take this.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Records transitions, all or nothing; what is recorded already counts as done.
  virtual absl::Status Record(absl::Span<const OutboxItem> transitions) = 0;
  /// Stores one piece of evidence; idempotent by evidence id.
  virtual absl::Status Upload(const OutboxItem& evidence) = 0;
  /// Adds visits to the sums, all or nothing; what is there already counts as done. UNIMPLEMENTED where
  /// event storage is of a release that knows no visits.
  virtual absl::Status RecordVisits(absl::Span<const OutboxItem> visits) = 0;
  /// The camera's incidents that are open there.
  virtual absl::StatusOr<std::vector<OpenIncident>> ListOpen(absl::string_view camera_id) = 0;
};

}  // namespace aislewatch::ingest
