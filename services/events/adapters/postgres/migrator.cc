#include "services/events/adapters/postgres/migrator.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/base/log.h"
#include "common/base/sha256.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

// Any number that no other program uses for its advisory locks in this database.
constexpr char kLockAndPrepare[] = R"sql(
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SELECT pg_advisory_xact_lock(4702111234474983745);
CREATE TABLE IF NOT EXISTS schema_migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  apply_time timestamptz NOT NULL DEFAULT now()
);
)sql";

// Apart from the migrations, so that a program without this column, which refuses every migration
// that it does not know, goes on beside one with it. IF NOT EXISTS alone would lock out readers
// each time.
constexpr char kHasCompatibleFrom[] = R"sql(
SELECT count(*) FROM pg_attribute
WHERE attrelid = 'schema_migrations'::regclass AND attname = 'compatible_from' AND NOT attisdropped
)sql";
constexpr char kAddCompatibleFrom[] = "ALTER TABLE schema_migrations ADD compatible_from integer";

constexpr absl::string_view kCompatibleFromLine = "-- compatible_from:";

struct Applied {
  std::string name;
  std::string sha256;
  int compatible_from = 0;
};

std::map<int, Applied> ReadApplied(Transaction& transaction) {
  // What a program without the column has applied says nothing and suits only those that know it.
  const Statement select{"migrations_read",
                         "SELECT version, name, sha256, coalesce(compatible_from, version) "
                         "FROM schema_migrations"};
  std::map<int, Applied> applied;
  for (const auto& row : transaction.Run(select)) {
    applied[static_cast<int>(ReadInt(row[0]))] = {ReadText(row[1]), ReadText(row[2]),
                                                  static_cast<int>(ReadInt(row[3]))};
  }
  return applied;
}

void LockAndPrepare(Transaction& transaction) {
  transaction.RunScript(kLockAndPrepare);
  if (ReadInt(transaction.RunScript(kHasCompatibleFrom)[0][0]) == 0) {
    transaction.RunScript(kAddCompatibleFrom);
  }
}

absl::Status Incompatible(int version, const Applied& entry, int newest) {
  return absl::FailedPreconditionError(
      absl::StrCat("the database's schema has migration ", version, " (", entry.name,
                   "), which needs a program that knows at least migration ", entry.compatible_from,
                   ", but this program knows only up to ", newest,
                   "; run a program at least as new as that, or restore a backup"));
}

absl::Status CheckApplied(const std::map<int, Applied>& applied,
                          const std::vector<Migration>& migrations) {
  const int newest = static_cast<int>(migrations.size());
  for (const auto& [version, entry] : applied) {
    if (version > newest) {
      // Each of them must suit us: a later one speaks for the step that it makes, not for others.
      if (entry.compatible_from > newest) return Incompatible(version, entry, newest);
    } else if (Sha256Hex(migrations[version - 1].sql) != entry.sha256) {
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", version, " (", entry.name,
                       ") was applied to the database with "
                       "other contents than this program has; released migrations must not be "
                       "edited, so run the program that applied it, or restore a backup"));
    }
  }
  if (!applied.empty() && applied.rbegin()->first > newest) {
    LogInfo("the schema is newer than this program and compatible with it",
            {{"schema", absl::StrCat(applied.rbegin()->first)}, {"program", absl::StrCat(newest)}});
  }
  return absl::OkStatus();
}

void Record(Transaction& transaction, const Migration& migration, int compatible_from) {
  const Statement insert{"migrations_insert",
                         "INSERT INTO schema_migrations (version, name, sha256, compatible_from) "
                         "VALUES ($1, $2, $3, $4)"};
  transaction.Run(insert, Params()
                              .Int(migration.version)
                              .Text(migration.name)
                              .Text(Sha256Hex(migration.sql))
                              .Int(compatible_from));
}

// Applies the first migration that is missing; false where there is none.
absl::StatusOr<bool> ApplyNext(Connection& connection, const std::vector<Migration>& migrations) {
  Transaction transaction(connection);
  LockAndPrepare(transaction);
  const auto applied = ReadApplied(transaction);
  AW_RETURN_IF_ERROR(CheckApplied(applied, migrations));
  for (const Migration& migration : migrations) {
    if (applied.contains(migration.version)) continue;
    AW_ASSIGN_OR_RETURN(const int compatible_from, CompatibleFrom(migration));
    transaction.RunScript(migration.sql);
    Record(transaction, migration, compatible_from);
    transaction.Commit();
    LogInfo("migration applied",
            {{"version", absl::StrCat(migration.version)}, {"name", migration.name}});
    return true;
  }
  transaction.Commit();
  return false;
}

}  // namespace

absl::StatusOr<int> CompatibleFrom(const Migration& migration) {
  for (absl::string_view line : absl::StrSplit(migration.sql, '\n')) {
    if (!absl::ConsumePrefix(&line, kCompatibleFromLine)) continue;
    int from = 0;
    if (absl::SimpleAtoi(line, &from) && from >= 1 && from <= migration.version) return from;
    return absl::InvalidArgumentError(absl::StrCat(
        "migration ", migration.version, " (", migration.name, ") is compatible from \"",
        absl::StripAsciiWhitespace(line), "\"; write a number from 1 to ", migration.version));
  }
  return migration.version;
}

absl::StatusOr<int> Migrate(Connection& connection, const std::vector<Migration>& migrations) {
  int count = 0;
  try {
    while (true) {
      AW_ASSIGN_OR_RETURN(const bool applied, ApplyNext(connection, migrations));
      if (!applied) return count;
      ++count;
    }
  } catch (...) {
    return Annotate(CurrentFailure().status, "cannot migrate the database");
  }
}

}  // namespace aislewatch::events
