// The audit log in PostgreSQL. Thread-safe; blocks; see core/audit/audit.h for the contract.
#pragma once

#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/audit/audit.h"

namespace aislewatch::events {

class PostgresAuditStore : public AuditStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresAuditStore(Pool& pool) : pool_(pool) {}

  absl::Status Append(const std::vector<AuditEntry>& entries) override;
  absl::StatusOr<std::vector<AuditEntry>> List(const AuditQuery& query,
                                               std::optional<uint64_t> before,
                                               size_t limit) override;

 private:
  Pool& pool_;
};

}  // namespace aislewatch::events
