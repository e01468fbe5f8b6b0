// Retention in PostgreSQL. Thread-safe; blocks; see core/retention/retention.h for the contract.
// Replicas keep out of each other's way by an advisory lock that each batch holds to its end.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/evidence_volume.h"
#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/retention/retention.h"

namespace aislewatch::events {

class PostgresRetentionStore : public RetentionStore {
 public:
  /// `pool` and `volume` must outlive the store. `volume`: where bytes may lie in files; may be
  /// null. A file goes after its row; what is left by a crash in between is swept later.
  explicit PostgresRetentionStore(Pool& pool, EvidenceVolume* volume = nullptr)
      : pool_(pool), volume_(volume) {}

  absl::StatusOr<RetentionResult> ExpireEvidence(Severity severity, absl::Time cutoff,
                                                 int limit) override;
  absl::StatusOr<RetentionResult> FailPending(absl::Duration age, int limit) override;
  absl::StatusOr<RetentionResult> RemoveOrphans(int part, absl::Duration age) override;
  absl::StatusOr<RetentionResult> RemoveIncidents(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> RemoveDeliveries(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> RemoveAttention(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> ForgetVisits(absl::Duration age, int limit) override;
  absl::StatusOr<RetentionResult> RemoveAudit(absl::Time cutoff, int limit) override;
  absl::StatusOr<RetentionResult> DropEmptyMonths(absl::Time cutoff) override;

 private:
  void RemoveFiles(const std::vector<std::string>& blob_ids);

  Pool& pool_;
  EvidenceVolume* const volume_;
};

}  // namespace aislewatch::events
