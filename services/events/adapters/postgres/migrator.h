// Brings the database's schema to the version that this program needs.
//
// Migrations are deploy/migrations/NNNN_name.sql, compiled in. Each runs in a transaction of its
// own together with its entry in schema_migrations, under an advisory lock, so running them twice,
// or from several replicas at once, does each of them once. Not thread-safe; blocks.
//
// A migration says which programs can go on with the schema that it makes: in a line of its own,
//
//   -- compatible_from: 2
//
// means that a program whose newest migration is 2 or later can. Without the line only programs
// that have the migration itself can. schema_migrations keeps the number, so that an older program,
// which has never seen the migration, knows whether to serve (docs/adr/0026-schema-versions.md).
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

/// From which version on programs can go on once `migration` is applied: 1 to its own version.
/// INVALID_ARGUMENT where its line is there but says something else.
absl::StatusOr<int> CompatibleFrom(const Migration& migration);

/// Applies what is missing; returns how many that were. A schema that is newer than ours is left as
/// it is, and is fine where its migrations say so. FAILED_PRECONDITION where one does not, or where
/// a migration that the database has differs from ours.
absl::StatusOr<int> Migrate(Connection& connection,
                            const std::vector<Migration>& migrations = EmbeddedMigrations());

}  // namespace aislewatch::events
