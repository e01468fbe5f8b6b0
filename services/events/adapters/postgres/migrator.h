// Brings the database's schema to the version that this program needs.
//
// Migrations are deploy/migrations/NNNN_name.sql, compiled in. Each runs in a transaction of its
// own together with its entry in schema_migrations, under an advisory lock, so running them twice,
// or from several replicas at once, does each of them once. Not thread-safe; blocks.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/events/adapters/postgres/connection.h"

namespace aislewatch::events {

struct Migration {
  int version = 0;  // From 1, without gaps.
  std::string name;
  std::string sql;
};

/// Those compiled in, by version.
const std::vector<Migration>& EmbeddedMigrations();

/// Applies what is missing; returns how many that were. FAILED_PRECONDITION where the database was
/// migrated by a newer program, or where a migration that it has differs from ours.
absl::StatusOr<int> Migrate(Connection& connection,
                            const std::vector<Migration>& migrations = EmbeddedMigrations());

}  // namespace aislewatch::events
