// Sums of visits in PostgreSQL. Thread-safe; blocks; see core/attention/attention.h for the
// contract.
#pragma once

#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/adapters/postgres/time_zones.h"
#include "services/events/core/attention/attention.h"

namespace aislewatch::events {

class PostgresAttentionStore : public AttentionStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresAttentionStore(Pool& pool) : pool_(pool) {}

  absl::StatusOr<RecordResult> RecordVisits(const std::vector<ZoneVisit>& visits) override;
  absl::StatusOr<std::vector<AttentionSum>> ListSums(const AttentionQuery& query,
                                                     size_t limit) override;

 private:
  Pool& pool_;
  TimeZones time_zones_;
};

}  // namespace aislewatch::events
