// Leases in PostgreSQL. Thread-safe; blocks; see core/stores.h for the contract.
//
// A lease is a row of camera_leases that names a holder and a time of the database's clock. In one
// transaction a holder
//  1. gives back what it no longer runs: what it releases, what is disabled, and what it was told
//  to
//     hand over last time (that it calls again without it shows that it has stopped);
//  2. renews the rest;
//  3. is told to hand over its newest cameras where it has more than its fair share and somebody
//     else less; nobody gets them before it has stopped or the lease has run out;
//  4. takes free and expired leases up to its fair share, skipping rows that another holder takes
//  at
//     this moment.
#pragma once

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/secret_box.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class PostgresLeaseStore : public LeaseStore {
 public:
  /// `pool` and `secrets` must outlive the store; `secrets` may be null. A camera whose password
  /// cannot be read is leased and left out of the answer: nobody can run it.
  explicit PostgresLeaseStore(Pool& pool, const SecretBox* secrets = nullptr)
      : pool_(pool), secrets_(secrets) {}

  absl::StatusOr<LeaseGrant> Sync(const LeaseRequest& request) override;

 private:
  Pool& pool_;
  const SecretBox* const secrets_;
};

}  // namespace aislewatch::events
