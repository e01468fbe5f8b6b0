#include "services/events/adapters/postgres/evidence_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status.h"
#include "services/events/core/not_found.h"

namespace aislewatch::events {
namespace {

std::string Columns() {
  return absl::StrCat("evidence_id, incident_id, kind, state, media_type, size_bytes, sha256, ",
                      MicrosOf("capture_time"), ", error");
}

Evidence ReadRow(const pqxx::row& row) {
  Evidence evidence;
  evidence.evidence_id = ReadText(row[0]);
  evidence.incident_id = ReadText(row[1]);
  evidence.kind = static_cast<EvidenceKind>(ReadInt(row[2]));
  evidence.state = static_cast<EvidenceState>(ReadInt(row[3]));
  evidence.media_type = ReadText(row[4]);
  evidence.size_bytes = static_cast<uint64_t>(ReadInt(row[5]));
  evidence.sha256 = ReadText(row[6]);
  evidence.capture_time = ReadTime(row[7]);
  evidence.error = ReadText(row[8]);
  return evidence;
}

absl::Status CheckIncidentExists(Transaction& transaction, const std::string& incident_id) {
  // KEY SHARE: the incident stays until the evidence that refers to it is committed.
  static const Statement select{"evidence_incident",
                                "SELECT 1 FROM incident_keys WHERE incident_id = $1 FOR KEY SHARE"};
  if (!transaction.Run(select, Params().Text(incident_id)).empty()) return absl::OkStatus();
  return NotRecorded(incident_id);
}

absl::Status CheckSameIncident(const Evidence& stored, const Evidence& sent) {
  if (stored.incident_id == sent.incident_id) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("evidence ", sent.evidence_id, " is stored for another incident"));
}

const Statement& SelectEvidence() {
  static const Statement select{
      "evidence_get", absl::StrCat("SELECT ", Columns(), " FROM evidence WHERE evidence_id = $1")};
  return select;
}

// Writes the description and, where there is one, the blob, unless the evidence is READY or EXPIRED
// already; an announcement (PENDING) that comes late does not undo a failure.
// Returns what is stored then.
Evidence Upsert(Transaction& transaction, const Evidence& evidence, const std::string& blob_id) {
  static const Statement upsert{
      "evidence_upsert",
      "INSERT INTO evidence AS e (evidence_id, incident_id, kind, state, media_type, size_bytes,"
      "   sha256, capture_time, error, blob_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
      " ON CONFLICT (evidence_id) DO UPDATE SET kind = EXCLUDED.kind, state = EXCLUDED.state,"
      "   media_type = EXCLUDED.media_type, size_bytes = EXCLUDED.size_bytes,"
      "   sha256 = EXCLUDED.sha256, capture_time = EXCLUDED.capture_time, error = EXCLUDED.error,"
      "   blob_id = EXCLUDED.blob_id"
      " WHERE e.state NOT IN (2, 4) AND (EXCLUDED.state <> 1 OR e.state = 1)"
      "   AND e.incident_id = EXCLUDED.incident_id"};
  Params params;
  params.Text(evidence.evidence_id)
      .Text(evidence.incident_id)
      .Int(static_cast<int>(evidence.kind))
      .Int(static_cast<int>(evidence.state))
      .Text(evidence.media_type);
  params.Int(static_cast<int64_t>(evidence.size_bytes))
      .Text(evidence.sha256)
      .Time(evidence.capture_time)
      .Text(evidence.error);
  blob_id.empty() ? params.Null() : params.Text(blob_id);
  transaction.Run(upsert, params);
  // READ COMMITTED: sees what another transaction committed while the upsert waited for it.
  return ReadRow(transaction.Run(SelectEvidence(), Params().Text(evidence.evidence_id))[0]);
}

// The same for every upload of the same bytes, so that one can go on where another broke off.
std::string UploadId(const std::string& evidence_id, const std::string& sha256) {
  const std::string hex = Sha256Hex(absl::StrCat(evidence_id, "/", sha256)).substr(0, 32);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

// Pieces come in order, so the last one tells.
uint64_t StoredBytes(Transaction& transaction, const std::string& blob_id) {
  static const Statement select{"blob_stored",
                                "SELECT coalesce(max(first_byte + octet_length(data)), 0)::bigint"
                                " FROM evidence_chunks WHERE blob_id = $1"};
  return static_cast<uint64_t>(ReadInt(transaction.Run(select, Params().Text(blob_id))[0][0]));
}

}  // namespace

absl::StatusOr<Evidence> PostgresEvidenceStore::GetEvidence(const std::string& evidence_id) {
  Evidence evidence;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(SelectEvidence(), Params().Text(evidence_id));
    if (rows.empty()) return NoEvidence(evidence_id);
    evidence = ReadRow(rows[0]);
    return absl::OkStatus();
  }));
  return evidence;
}

absl::StatusOr<std::vector<Evidence>> PostgresEvidenceStore::ListEvidence(
    const std::string& incident_id) {
  static const Statement select{"evidence_list",
                                absl::StrCat("SELECT ", Columns(),
                                             " FROM evidence WHERE incident_id = $1"
                                             " ORDER BY create_time, evidence_id")};
  static const Statement exists{"evidence_list_incident",
                                "SELECT 1 FROM incident_keys WHERE incident_id = $1"};
  std::vector<Evidence> list;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    list.clear();
    const Params id = Params().Text(incident_id);
    if (transaction.Run(exists, id).empty()) {
      return absl::NotFoundError(absl::StrCat("there is no incident ", incident_id));
    }
    for (const auto& row : transaction.Run(select, id)) list.push_back(ReadRow(row));
    return absl::OkStatus();
  }));
  return list;
}

absl::StatusOr<Evidence> PostgresEvidenceStore::DescribeEvidence(const Evidence& evidence) {
  Evidence stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    AW_RETURN_IF_ERROR(CheckIncidentExists(transaction, evidence.incident_id));
    stored = Upsert(transaction, evidence, "");
    return CheckSameIncident(stored, evidence);
  }));
  return stored;
}

absl::StatusOr<uint64_t> PostgresEvidenceStore::UploadedBytes(const std::string& evidence_id,
                                                              const std::string& sha256) {
  const std::string blob_id = UploadId(evidence_id, sha256);
  uint64_t stored = 0;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    stored = StoredBytes(transaction, blob_id);
    return absl::OkStatus();
  }));
  return stored;
}

absl::StatusOr<std::string> PostgresEvidenceStore::BeginUpload(const std::string& evidence_id,
                                                               const std::string& sha256,
                                                               uint64_t offset) {
  // What goes on is not swept.
  static const Statement insert{"blob_insert",
                                "INSERT INTO evidence_blobs AS b (blob_id) VALUES ($1)"
                                " ON CONFLICT (blob_id) DO UPDATE SET create_time = now()"
                                " WHERE NOT b.complete"};
  static const Statement cut{"blob_cut",
                             "DELETE FROM evidence_chunks WHERE blob_id = $1 AND first_byte >= $2"};
  const std::string blob_id = UploadId(evidence_id, sha256);
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    if (transaction.Run(insert, Params().Text(blob_id)).affected_rows() == 0) {
      return absl::AbortedError("another upload of this evidence has just been committed");
    }
    const Params rest = Params().Text(blob_id).Int(static_cast<int64_t>(offset));
    transaction.Run(cut, rest);
    const uint64_t stored = StoredBytes(transaction, blob_id);
    if (stored == offset) return absl::OkStatus();
    return absl::AbortedError(absl::StrCat("the upload of evidence ", evidence_id,
                                           " cannot go on at byte ", offset,
                                           "; ask GetUpload where it does"));
  }));
  return blob_id;
}

absl::StatusOr<std::string> PostgresEvidenceStore::ReadUpload(const std::string& upload_id,
                                                              uint64_t offset) {
  static const Statement read{
      "upload_read", "SELECT data FROM evidence_chunks WHERE blob_id = $1 AND first_byte = $2"};
  std::string bytes;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    const Params params = Params().Text(upload_id).Int(static_cast<int64_t>(offset));
    const auto rows = transaction.Run(read, params);
    bytes = rows.empty() ? "" : ReadBytes(rows[0][0]);
    return absl::OkStatus();
  }));
  return bytes;
}

absl::Status PostgresEvidenceStore::AppendUpload(const std::string& upload_id, uint64_t offset,
                                                 absl::string_view bytes) {
  static const Statement insert{
      "chunk_insert",
      "INSERT INTO evidence_chunks (blob_id, first_byte, data) VALUES ($1, $2, $3)"};
  const Params params = Params().Text(upload_id).Int(static_cast<int64_t>(offset)).Bytes(bytes);
  return pool_.Run([&](Transaction& transaction) {
    transaction.Run(insert, params);
    return absl::OkStatus();
  });
}

absl::StatusOr<Evidence> PostgresEvidenceStore::CommitUpload(const std::string& upload_id,
                                                             const Evidence& evidence) {
  static const Statement complete{"blob_complete",
                                  "UPDATE evidence_blobs SET complete = true WHERE blob_id = $1"};
  static const Statement size{"blob_size",
                              "SELECT coalesce(sum(octet_length(data)), 0)::bigint"
                              " FROM evidence_chunks WHERE blob_id = $1"};
  static const Statement used{"blob_used", "SELECT 1 FROM evidence WHERE blob_id = $1"};
  static const Statement remove{"blob_remove", "DELETE FROM evidence_blobs WHERE blob_id = $1"};
  Evidence ready = evidence;
  ready.state = EvidenceState::kReady;
  Evidence stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    AW_RETURN_IF_ERROR(CheckIncidentExists(transaction, evidence.incident_id));
    const Params blob = Params().Text(upload_id);
    if (transaction.Run(complete, blob).affected_rows() == 0) {
      return absl::AbortedError("the upload took so long that it was given up; send it again");
    }
    // Two uploads of the same evidence at once may have mixed their pieces.
    const int64_t stored_bytes = ReadInt(transaction.Run(size, blob)[0][0]);
    if (stored_bytes != static_cast<int64_t>(evidence.size_bytes)) {
      return absl::AbortedError(
          "another upload of this evidence ran at the same time; send it again");
    }
    stored = Upsert(transaction, ready, upload_id);
    AW_RETURN_IF_ERROR(CheckSameIncident(stored, ready));
    if (stored.sha256 != ready.sha256) {
      return absl::AlreadyExistsError(
          absl::StrCat("evidence ", evidence.evidence_id, " is stored with other bytes"));
    }
    if (transaction.Run(used, blob).empty()) transaction.Run(remove, blob);
    return absl::OkStatus();
  }));
  return stored;
}

void PostgresEvidenceStore::AbandonUpload(const std::string& upload_id) {
  static const Statement remove{"blob_abandon",
                                "DELETE FROM evidence_blobs WHERE blob_id = $1 AND NOT complete"};
  // Where this fails, SweepUploads does it later.
  pool_
      .Run([&](Transaction& transaction) {
        transaction.Run(remove, Params().Text(upload_id));
        return absl::OkStatus();
      })
      .IgnoreError();
}

absl::StatusOr<int> PostgresEvidenceStore::SweepUploads(absl::Duration age) {
  static const Statement sweep{"blob_sweep",
                               "DELETE FROM evidence_blobs WHERE NOT complete"
                               " AND create_time < now() - $1::bigint * interval '1 microsecond'"};
  int freed = 0;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    const auto result = transaction.Run(sweep, Params().Int(absl::ToInt64Microseconds(age)));
    freed = static_cast<int>(result.affected_rows());
    return absl::OkStatus();
  }));
  return freed;
}

absl::StatusOr<std::string> PostgresEvidenceStore::ReadEvidence(const std::string& evidence_id,
                                                                uint64_t offset) {
  // The chunk that holds the byte at the offset; bytea counts from 1.
  static const Statement read{"evidence_read",
                              "SELECT e.state, substr(c.data, ($2::bigint - c.first_byte + 1)::int)"
                              " FROM evidence e LEFT JOIN LATERAL ("
                              "   SELECT first_byte, data FROM evidence_chunks"
                              "   WHERE blob_id = e.blob_id AND first_byte <= $2::bigint"
                              "   ORDER BY first_byte DESC LIMIT 1) c ON true"
                              " WHERE e.evidence_id = $1"};
  std::string bytes;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows =
        transaction.Run(read, Params().Text(evidence_id).Int(static_cast<int64_t>(offset)));
    if (rows.empty()) return NoEvidence(evidence_id);
    if (static_cast<EvidenceState>(ReadInt(rows[0][0])) != EvidenceState::kReady) {
      return absl::FailedPreconditionError(
          absl::StrCat("evidence ", evidence_id, " has no bytes; its state says why"));
    }
    bytes = ReadBytes(rows[0][1]);
    return absl::OkStatus();
  }));
  return bytes;
}

}  // namespace aislewatch::events
