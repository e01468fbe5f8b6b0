#include "services/events/adapters/postgres/retention_store.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

absl::Status TakeTurn(Transaction& transaction) {
  static const Statement lock{"retention_lock",
                              "SELECT pg_try_advisory_xact_lock(hashtext('aislewatch.retention'))"};
  if (ReadBool(transaction.Run(lock)[0][0])) return absl::OkStatus();
  return absl::AbortedError("another replica is at it");
}

std::vector<std::string> Ids(const pqxx::result& rows) {
  std::vector<std::string> ids;
  for (const auto& row : rows) ids.push_back(ReadText(row[0]));
  return ids;
}

// Locks the keys of these incidents, in the order in which recording does; from now on nobody can
// put them on hold, and who has just done so is seen by the statements that follow.
void LockIncidentKeys(Transaction& transaction, const std::vector<std::string>& ids) {
  static const Statement lock{"retention_keys",
                              "SELECT 1 FROM incident_keys WHERE incident_id = ANY ($1::uuid[])"
                              " ORDER BY incident_id FOR UPDATE"};
  transaction.Run(lock, Params().Array(ids));
}

// Returns those that lie in files.
std::vector<std::string> RemoveBlobs(Transaction& transaction,
                                     const std::vector<std::string>& blob_ids) {
  static const Statement remove{"retention_blobs",
                                "WITH gone AS (DELETE FROM evidence_blobs"
                                "   WHERE blob_id = ANY ($1::uuid[]) RETURNING blob_id, location)"
                                " SELECT blob_id FROM gone WHERE location = 1"};
  if (blob_ids.empty()) return {};
  return Ids(transaction.Run(remove, Params().Array(blob_ids)));
}

// Takes the bytes of the incidents' evidence unless they are on hold.
RetentionResult Expire(Transaction& transaction, const std::vector<std::string>& ids,
                       std::vector<std::string>& files) {
  static const Statement expire{
      "retention_expire",
      "WITH old AS (SELECT e.evidence_id, e.blob_id, e.size_bytes FROM evidence e"
      "   JOIN incident_keys k ON k.incident_id = e.incident_id"
      "   JOIN incidents i ON i.incident_id = k.incident_id AND i.opened_time = k.opened_time"
      "   WHERE e.incident_id = ANY ($1::uuid[]) AND e.blob_id IS NOT NULL AND NOT i.hold"
      "   FOR UPDATE OF e)"
      " UPDATE evidence e SET state = 4, blob_id = NULL FROM old"
      " WHERE e.evidence_id = old.evidence_id RETURNING old.blob_id, old.size_bytes"};
  const auto rows = transaction.Run(expire, Params().Array(ids));
  RetentionResult result;
  for (const auto& row : rows) {
    ++result.evidence;
    result.evidence_bytes += static_cast<uint64_t>(ReadInt(row[1]));
  }
  files = RemoveBlobs(transaction, Ids(rows));
  return result;
}

RetentionResult Remove(Transaction& transaction, const std::vector<std::string>& ids,
                       std::vector<std::string>& files) {
  // Reviews, evidence, deliveries and the changes in the feed go with the keys. A watcher's cursor
  // is a number below which it has read, so it stays good.
  static const Statement blobs{
      "retention_incident_blobs",
      "SELECT blob_id FROM evidence WHERE incident_id = ANY ($1::uuid[]) AND blob_id IS NOT NULL"};
  static const Statement incidents{
      "retention_incidents",
      "WITH k AS (SELECT incident_id, opened_time FROM incident_keys"
      "   WHERE incident_id = ANY ($1::uuid[]))"
      ", t AS (DELETE FROM incident_transitions t USING k"
      "   WHERE t.incident_id = k.incident_id AND t.opened_time = k.opened_time)"
      ", r AS (DELETE FROM incident_tracks t USING k"
      "   WHERE t.incident_id = k.incident_id AND t.opened_time = k.opened_time)"
      " DELETE FROM incidents t USING k"
      " WHERE t.incident_id = k.incident_id AND t.opened_time = k.opened_time"};
  static const Statement keys{"retention_remove_keys",
                              "DELETE FROM incident_keys WHERE incident_id = ANY ($1::uuid[])"};
  const Params all = Params().Array(ids);
  const auto blob_ids = Ids(transaction.Run(blobs, all));
  transaction.Run(incidents, all);
  transaction.Run(keys, all);
  files = RemoveBlobs(transaction, blob_ids);
  RetentionResult result;
  result.incidents = ids.size();
  return result;
}

}  // namespace

absl::StatusOr<RetentionResult> PostgresRetentionStore::ExpireEvidence(Severity severity,
                                                                       absl::Time cutoff,
                                                                       int limit) {
  static const Statement find{
      "retention_find_evidence",
      "SELECT DISTINCT e.incident_id FROM evidence e"
      " JOIN incident_keys k ON k.incident_id = e.incident_id"
      " JOIN incidents i ON i.incident_id = k.incident_id AND i.opened_time = k.opened_time"
      " WHERE e.blob_id IS NOT NULL AND NOT i.hold AND i.severity = $1"
      "   AND i.updated_time < $2 AND i.opened_time < $2 LIMIT $3"};
  RetentionResult result;
  std::vector<std::string> files;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    files.clear();
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    const auto ids =
        Ids(transaction.Run(find, Params().Int(Number(severity)).Time(cutoff).Int(limit)));
    if (ids.empty()) return absl::OkStatus();
    LockIncidentKeys(transaction, ids);
    result = Expire(transaction, ids, files);
    return absl::OkStatus();
  }));
  RemoveFiles(files);
  return result;
}

void PostgresRetentionStore::RemoveFiles(const std::vector<std::string>& blob_ids) {
  if (blob_ids.empty()) return;
  absl::Status status = absl::FailedPreconditionError("this replica has no evidence directory");
  if (volume_ != nullptr) {
    const auto directory = volume_->Use();
    status = directory.ok() ? (*directory)->Remove(blob_ids) : directory.status();
  }
  if (!status.ok()) {
    LogWarning(
        "files of evidence that is gone were left; a later run removes them",
        {{"files", absl::StrCat(blob_ids.size())}, {"reason", std::string(status.message())}});
  }
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::FailPending(absl::Duration age, int limit) {
  // Of incidents that still go on, clips come late: they get a day's worth of hours.
  static const Statement fail{
      "retention_pending",
      "WITH lost AS (SELECT e.evidence_id FROM evidence e"
      "   JOIN incident_keys k ON k.incident_id = e.incident_id"
      "   JOIN incidents i ON i.incident_id = k.incident_id AND i.opened_time = k.opened_time"
      "   WHERE e.state = 1 AND e.create_time < now() - $1::bigint * interval '1 microsecond'"
      "     AND (i.updated_time < now() - $1::bigint * interval '1 microsecond' AND i.state = $3"
      "       OR e.create_time < now() - $1::bigint * interval '24 microseconds')"
      "   ORDER BY e.create_time LIMIT $2 FOR UPDATE OF e SKIP LOCKED)"
      " UPDATE evidence e SET state = 3,"
      "   error = 'it was announced and never came; the replica that made it was lost, or cannot"
      " reach event storage'"
      " FROM lost WHERE e.evidence_id = lost.evidence_id"};
  RetentionResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    const Params params =
        Params().Int(absl::ToInt64Microseconds(age)).Int(limit).Int(Number(IncidentState::kClosed));
    result.failed = static_cast<uint64_t>(transaction.Run(fail, params).affected_rows());
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::RemoveOrphans(int part,
                                                                      absl::Duration age) {
  static const Statement select{
      "retention_orphans",
      "SELECT f FROM unnest($1::uuid[]) AS f"
      " WHERE NOT EXISTS (SELECT 1 FROM evidence_blobs b WHERE b.blob_id = f)"};
  RetentionResult result;
  if (volume_ == nullptr) return result;
  AW_ASSIGN_OR_RETURN(BlobDirectory* const directory, volume_->Use());
  const absl::Time before = absl::Now() - age;  // By the clock that files have their times from.
  AW_ASSIGN_OR_RETURN(const auto old, directory->ListOld(part, before));
  if (old.empty()) return result;
  std::vector<std::string> orphans;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    orphans = Ids(transaction.Run(select, Params().Array(old)));
    return absl::OkStatus();
  }));
  AW_RETURN_IF_ERROR(directory->RemoveOld(orphans, before));
  result.orphans = orphans.size();
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::RemoveIncidents(absl::Time cutoff,
                                                                        int limit) {
  static const Statement tables{
      "retention_tables",
      "LOCK TABLE incidents, incident_transitions, incident_tracks IN ROW EXCLUSIVE MODE"};
  static const Statement find{"retention_find_incidents",
                              "SELECT incident_id FROM incidents WHERE NOT hold"
                              " AND updated_time < $1 AND opened_time < $1"
                              " ORDER BY opened_time LIMIT $2"};
  static const Statement still{
      "retention_still",
      "SELECT i.incident_id FROM incident_keys k JOIN incidents i"
      "   ON i.incident_id = k.incident_id AND i.opened_time = k.opened_time"
      " WHERE k.incident_id = ANY ($1::uuid[]) AND NOT i.hold AND i.updated_time < $2"};
  RetentionResult result;
  std::vector<std::string> files;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    files.clear();
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    transaction.Run(tables);
    const auto found = Ids(transaction.Run(find, Params().Time(cutoff).Int(limit)));
    if (found.empty()) return absl::OkStatus();
    LockIncidentKeys(transaction, found);
    const auto ids = Ids(transaction.Run(still, Params().Array(found).Time(cutoff)));
    if (!ids.empty()) result = Remove(transaction, ids, files);
    return absl::OkStatus();
  }));
  RemoveFiles(files);
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::RemoveDeliveries(absl::Time cutoff,
                                                                         int limit) {
  static const Statement remove{
      "retention_deliveries",
      "DELETE FROM webhook_deliveries WHERE delivery_id IN ("
      "   SELECT delivery_id FROM webhook_deliveries WHERE finish_time < $1 LIMIT $2)"};
  RetentionResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    result.deliveries = static_cast<uint64_t>(
        transaction.Run(remove, Params().Time(cutoff).Int(limit)).affected_rows());
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::RemoveAttention(absl::Time cutoff,
                                                                        int limit) {
  static const Statement remove{"retention_attention",
                                "DELETE FROM attention_sums WHERE ctid = ANY (ARRAY("
                                "   SELECT ctid FROM attention_sums WHERE hour < $1 LIMIT $2))"};
  RetentionResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    result.attention_sums = static_cast<uint64_t>(
        transaction.Run(remove, Params().Time(cutoff).Int(limit)).affected_rows());
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::ForgetVisits(absl::Duration age,
                                                                     int limit) {
  static const Statement forget{
      "retention_visits",
      "DELETE FROM attention_visits WHERE visit_id IN (SELECT visit_id FROM attention_visits"
      "   WHERE record_time < now() - $1::bigint * interval '1 microsecond' LIMIT $2)"};
  RetentionResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    const Params params = Params().Int(absl::ToInt64Microseconds(age)).Int(limit);
    result.visit_ids = static_cast<uint64_t>(transaction.Run(forget, params).affected_rows());
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::RemoveAudit(absl::Time cutoff, int limit) {
  static const Statement remove{
      "retention_audit",
      "DELETE FROM audit_entries WHERE entry_number IN ("
      "   SELECT entry_number FROM audit_entries WHERE entry_time < $1 LIMIT $2)"};
  RetentionResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    result = {};
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    result.audit_entries = static_cast<uint64_t>(
        transaction.Run(remove, Params().Time(cutoff).Int(limit)).affected_rows());
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<RetentionResult> PostgresRetentionStore::DropEmptyMonths(absl::Time cutoff) {
  // Names are incidents_YYYYMM, as ensure_incident_month makes them.
  static const Statement months{
      "retention_months",
      "SELECT right(c.relname, 6) FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid"
      " WHERE h.inhparent = 'incidents'::regclass AND c.relname ~ '^incidents_[0-9]{6}$'"
      "   AND right(c.relname, 6) < to_char($1::timestamptz AT TIME ZONE 'UTC', 'YYYYMM')"
      " ORDER BY 1"};
  std::vector<std::string> names;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    AW_RETURN_IF_ERROR(TakeTurn(transaction));
    names = Ids(transaction.Run(months, Params().Time(cutoff)));
    return absl::OkStatus();
  }));
  RetentionResult result;
  for (const std::string& month : names) {
    bool dropped = false;
    const absl::Status status = pool_.Run([&](Transaction& transaction) -> absl::Status {
      dropped = false;
      AW_RETURN_IF_ERROR(TakeTurn(transaction));
      const auto rows =
          transaction.RunScript(absl::StrCat("SELECT 1 FROM incidents_", month, " LIMIT 1"));
      if (!rows.empty()) return absl::OkStatus();  // Some are on hold.
      // Whoever reads waits for us and we for them: only briefly, else another time. In the order
      // of ensure_incident_month.
      transaction.RunScript(absl::StrCat(
          "SET LOCAL lock_timeout = '1s';"
          "LOCK TABLE incidents, incident_transitions, incident_tracks IN ACCESS EXCLUSIVE MODE"));
      if (!transaction.RunScript(absl::StrCat("SELECT 1 FROM incidents_", month, " LIMIT 1"))
               .empty()) {
        return absl::OkStatus();
      }
      transaction.RunScript(absl::StrCat("DROP TABLE incidents_", month, ", incident_transitions_",
                                         month, ", incident_tracks_", month));
      dropped = true;
      return absl::OkStatus();
    });
    if (absl::IsUnavailable(status)) break;  // Busy now; the next run tries again.
    AW_RETURN_IF_ERROR(status);
    result.months += dropped ? 1 : 0;
  }
  return result;
}

}  // namespace aislewatch::events
