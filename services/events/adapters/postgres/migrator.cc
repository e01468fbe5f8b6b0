#include "services/events/adapters/postgres/migrator.h"

#include <openssl/sha.h>

#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
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

struct Applied {
  std::string name;
  std::string sha256;
};

std::string Checksum(const std::string& sql) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(sql.data()), sql.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<char*>(digest), SHA256_DIGEST_LENGTH));
}

std::map<int, Applied> ReadApplied(Transaction& transaction) {
  const Statement select{"migrations_read", "SELECT version, name, sha256 FROM schema_migrations"};
  std::map<int, Applied> applied;
  for (const auto& row : transaction.Run(select)) {
    applied[static_cast<int>(ReadInt(row[0]))] = {ReadText(row[1]), ReadText(row[2])};
  }
  return applied;
}

absl::Status CheckApplied(const std::map<int, Applied>& applied,
                          const std::vector<Migration>& migrations) {
  if (!applied.empty() && applied.rbegin()->first > static_cast<int>(migrations.size())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the database's schema has version ", applied.rbegin()->first, " (",
        applied.rbegin()->second.name, "), but this program knows only up to ", migrations.size(),
        "; run a program at least as new as the one that migrated it, or restore a backup"));
  }
  for (const auto& [version, entry] : applied) {
    const Migration& ours = migrations[version - 1];
    if (Checksum(ours.sql) != entry.sha256) {
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", version, " (", entry.name,
                       ") was applied to the database with "
                       "other contents than this program has; released migrations must not be "
                       "edited, so run the program that applied it, or restore a backup"));
    }
  }
  return absl::OkStatus();
}

// Applies the first migration that is missing; false where there is none.
absl::StatusOr<bool> ApplyNext(Connection& connection, const std::vector<Migration>& migrations) {
  Transaction transaction(connection);
  transaction.RunScript(kLockAndPrepare);
  const auto applied = ReadApplied(transaction);
  AW_RETURN_IF_ERROR(CheckApplied(applied, migrations));
  for (const Migration& migration : migrations) {
    if (applied.contains(migration.version)) continue;
    transaction.RunScript(migration.sql);
    const Statement insert{"migrations_insert",
                           "INSERT INTO schema_migrations (version, name, sha256) "
                           "VALUES ($1, $2, $3)"};
    transaction.Run(
        insert, Params().Int(migration.version).Text(migration.name).Text(Checksum(migration.sql)));
    transaction.Commit();
    LogInfo("migration applied",
            {{"version", absl::StrCat(migration.version)}, {"name", migration.name}});
    return true;
  }
  transaction.Commit();
  return false;
}

}  // namespace

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
