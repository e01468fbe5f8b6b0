#include "services/events/adapters/postgres/stored_secret.h"

#include "common/base/log.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

// Rows that are looked at in one transaction.
constexpr int kRowsAtOnce = 200;

absl::Status SealRow(Transaction& transaction, const SecretBox* secrets, const SecretTable& table,
                     const std::string& id, const StoredSecret& stored, SealCounts& counts) {
  const auto secret = table.open(id, stored);
  if (!secret.ok()) {
    ++counts.unreadable;
    LogError(table.unreadable_message,
             {{table.id_label, id}, {"reason", std::string(secret.status().message())}});
    return absl::OkStatus();
  }
  if (!table.is_secret(*secret)) return absl::OkStatus();
  if (secrets == nullptr) {
    ++counts.clear;
    return absl::OkStatus();
  }
  const bool in_clear = *secret == stored.clear;
  if (!in_clear && secrets->IsCurrent(stored.sealed)) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const StoredSecret sealed, table.seal(id, *secret));
  transaction.Run(table.update, Params().Text(id).Text(sealed.clear).Text(sealed.sealed));
  ++counts.sealed;
  return absl::OkStatus();
}

// Returns the last id; empty where there was none.
absl::StatusOr<std::string> SealRows(Pool& pool, const SecretBox* secrets, const SecretTable& table,
                                     const std::string& after, SealCounts& total) {
  std::string last;
  SealCounts counts;
  AW_RETURN_IF_ERROR(pool.Run([&](Transaction& transaction) -> absl::Status {
    last.clear();
    counts = {};
    if (table.lock != nullptr) transaction.Run(*table.lock);
    for (const auto& row : transaction.Run(table.select, Params().Text(after).Int(kRowsAtOnce))) {
      last = ReadText(row[0]);
      AW_RETURN_IF_ERROR(
          SealRow(transaction, secrets, table, last, {ReadText(row[1]), ReadText(row[2])}, counts));
    }
    return absl::OkStatus();
  }));
  total.sealed += counts.sealed;
  total.unreadable += counts.unreadable;
  total.clear += counts.clear;
  return last;
}

}  // namespace

absl::StatusOr<std::string> OpenSealed(const SecretBox* secrets, const std::string& sealed,
                                       const std::string& context) {
  if (secrets == nullptr) {
    return absl::FailedPreconditionError("it is encrypted, and event storage was given no key");
  }
  return secrets->Open(sealed, context);
}

absl::StatusOr<SealCounts> SealTable(Pool& pool, const SecretBox* secrets,
                                     const SecretTable& table) {
  SealCounts total;
  std::string after;
  do {
    AW_ASSIGN_OR_RETURN(after, SealRows(pool, secrets, table, after, total));
  } while (!after.empty());
  return total;
}

}  // namespace aislewatch::events
