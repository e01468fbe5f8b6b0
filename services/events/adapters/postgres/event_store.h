// Incidents in PostgreSQL. Thread-safe; blocks; see core/stores.h for the contract.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class PostgresEventStore : public EventStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresEventStore(Pool& pool) : pool_(pool) {}

  absl::StatusOr<RecordResult> Record(const std::vector<Transition>& transitions) override;
  absl::StatusOr<IncidentHistory> Get(const std::string& incident_id) override;
  absl::StatusOr<IncidentPlace> Place(const std::string& incident_id) override;
  absl::StatusOr<std::vector<Incident>> List(const IncidentFilter& filter,
                                             const std::optional<IncidentPosition>& after,
                                             size_t limit) override;
  absl::StatusOr<Incident> SetHold(const std::string& incident_id, bool hold) override;
  absl::StatusOr<Review> AddReview(const Review& review) override;
  absl::StatusOr<uint64_t> LastChange() override;
  absl::StatusOr<ChangeBatch> ReadChanges(const IncidentFilter& filter, uint64_t after,
                                          size_t limit) override;

 private:
  Pool& pool_;
};

}  // namespace aislewatch::events
