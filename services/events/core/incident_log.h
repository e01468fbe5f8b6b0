// Recording, finding and reviewing incidents: what EventStorageService does, without the network.
//
// Thread-safe; every method blocks on the store. Errors are those of EventStore, and
// INVALID_ARGUMENT for what the caller got wrong.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/events/core/incident.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// A page of incidents, newest first.
struct IncidentPage {
  std::vector<Incident> incidents;
  std::string next_page_token;  // Empty on the last page.
};

class IncidentLog {
 public:
  static constexpr uint32_t kDefaultPageSize = 50;
  static constexpr uint32_t kMaxPageSize = 500;

  /// `store` must outlive the log.
  explicit IncidentLog(EventStore& store) : store_(store) {}

  absl::StatusOr<RecordResult> Record(const std::vector<Transition>& transitions);
  absl::StatusOr<IncidentHistory> Get(const std::string& incident_id);
  /// `page_size` 0 means the default.
  absl::StatusOr<IncidentPage> List(const IncidentFilter& filter, uint32_t page_size,
                                    const std::string& page_token);
  absl::StatusOr<Incident> SetHold(const std::string& incident_id, bool hold);
  /// `review`: without id and time, which the answer has.
  absl::StatusOr<Review> AddReview(Review review);

 private:
  EventStore& store_;
};

}  // namespace aislewatch::events
