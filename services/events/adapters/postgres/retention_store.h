// Retention in PostgreSQL. Thread-safe; blocks; see core/retention/retention.h for the contract.
// Replicas keep out of each other's way by an advisory lock that each batch holds to its end.
#pragma once

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/retention/retention.h"

namespace aislewatch::events {

class PostgresRetentionStore : public RetentionStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresRetentionStore(Pool& pool) : pool_(pool) {}

  absl::StatusOr<RetentionResult> ExpireEvidence(Severity severity, absl::Time cutoff,
                                                 int limit) override;
  absl::StatusOr<RetentionResult> RemoveIncidents(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> RemoveDeliveries(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> RemoveAttention(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> ForgetVisits(absl::Duration age, int limit) override;
  absl::StatusOr<RetentionResult> DropEmptyMonths(absl::Time cutoff) override;

 private:
  Pool& pool_;
};

}  // namespace aislewatch::events
