#include "services/events/adapters/postgres/audit_store.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

std::string EntriesToJson(const std::vector<AuditEntry>& entries) {
  nlohmann::json list = nlohmann::json::array();
  for (const AuditEntry& entry : entries) {
    list.push_back({{"position", list.size()},
                    {"entry_id", entry.entry_id},
                    {"entry_time", SqlTime(entry.time)},
                    {"principal", entry.principal},
                    {"role", Number(entry.role)},
                    {"is_token", entry.is_token},
                    {"action", entry.action},
                    {"target", entry.target},
                    {"result", entry.result}});
  }
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

AuditEntry ReadAuditEntry(const pqxx::row& row) {
  AuditEntry entry;
  entry.number = static_cast<uint64_t>(ReadInt(row[0]));
  entry.entry_id = ReadText(row[1]);
  entry.time = ReadTime(row[2]).value_or(absl::UnixEpoch());
  entry.principal = ReadText(row[3]);
  entry.role = static_cast<Role>(ReadInt(row[4]));
  entry.is_token = ReadBool(row[5]);
  entry.action = ReadText(row[6]);
  entry.target = ReadText(row[7]);
  entry.result = ReadText(row[8]);
  return entry;
}

}  // namespace

absl::Status PostgresAuditStore::Append(const std::vector<AuditEntry>& entries) {
  static const Statement insert{
      "audit_insert",
      "INSERT INTO audit_entries (entry_id, entry_time, principal, role, is_token, action, target,"
      "   result)"
      " SELECT entry_id, entry_time, principal, role, is_token, action, target, result"
      " FROM jsonb_to_recordset($1::jsonb) AS t(position int, entry_id uuid, entry_time "
      "timestamptz,"
      "   principal text, role smallint, is_token boolean, action text, target text, result text)"
      " ORDER BY position ON CONFLICT (entry_id) DO NOTHING"};
  const Params params = Params().Text(EntriesToJson(entries));
  return pool_.Run([&](Transaction& transaction) {
    transaction.Run(insert, params);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<AuditEntry>> PostgresAuditStore::List(const AuditQuery& query,
                                                                 std::optional<uint64_t> before,
                                                                 size_t limit) {
  static const Statement select{
      "audit_list",
      absl::StrCat("SELECT entry_number, entry_id, ", MicrosOf("entry_time"),
                   ", principal, role, is_token, action, target, result FROM audit_entries"
                   " WHERE ($1::text IS NULL OR lower(principal) = lower($1::text))"
                   "   AND ($2::text IS NULL OR target = $2::text)"
                   "   AND ($3::timestamptz IS NULL OR entry_time >= $3::timestamptz)"
                   "   AND ($4::timestamptz IS NULL OR entry_time < $4::timestamptz)"
                   "   AND ($5::bigint IS NULL OR entry_number < $5::bigint)"
                   " ORDER BY entry_number DESC LIMIT $6")};
  Params params;
  query.principal.empty() ? params.Null() : params.Text(query.principal);
  query.target.empty() ? params.Null() : params.Text(query.target);
  params.Time(query.from).Time(query.until);
  before.has_value() ? params.Int(static_cast<int64_t>(*before)) : params.Null();
  params.Int(static_cast<int64_t>(limit));
  std::vector<AuditEntry> entries;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    entries.clear();
    for (const auto& row : transaction.Run(select, params)) entries.push_back(ReadAuditEntry(row));
    return absl::OkStatus();
  }));
  return entries;
}

}  // namespace aislewatch::events
