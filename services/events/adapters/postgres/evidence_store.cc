#include "services/events/adapters/postgres/evidence_store.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status.h"
#include "services/events/core/not_found.h"

namespace aislewatch::events {
namespace {

using Location = PostgresEvidenceStore::Location;

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

// An upload is told by its blob and where that lies.
std::string UploadName(Location location, const std::string& blob_id) {
  return absl::StrCat(location == Location::kDirectory ? "d" : "c", blob_id);
}

std::string BlobOf(const std::string& upload_id) { return upload_id.substr(1); }

Location LocationOf(const std::string& upload_id) {
  return upload_id[0] == 'd' ? Location::kDirectory : Location::kChunks;
}

Location ReadLocation(const pqxx::field& field) {
  return ReadInt(field) == Number(Location::kDirectory) ? Location::kDirectory : Location::kChunks;
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

absl::StatusOr<BlobStore*> PostgresEvidenceStore::Blobs(Location location) {
  if (location == Location::kChunks) return &chunks_;
  if (volume_ == nullptr) {
    return absl::UnavailableError(
        "the bytes lie in an evidence directory, which this replica does not have; start it with "
        "--evidence-directory");
  }
  AW_ASSIGN_OR_RETURN(BlobDirectory* const directory, volume_->Use());
  return directory;
}

absl::StatusOr<uint64_t> PostgresEvidenceStore::UploadedBytes(const std::string& evidence_id,
                                                              const std::string& sha256) {
  static const Statement select{"blob_location",
                                "SELECT location FROM evidence_blobs WHERE blob_id = $1"};
  const std::string blob_id = UploadId(evidence_id, sha256);
  std::optional<Location> location;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    const auto rows = transaction.Run(select, Params().Text(blob_id));
    location = rows.empty() ? std::nullopt : std::make_optional(ReadLocation(rows[0][0]));
    return absl::OkStatus();
  }));
  if (!location.has_value()) return uint64_t{0};
  AW_ASSIGN_OR_RETURN(BlobStore* const blobs, Blobs(*location));
  return blobs->Stored(blob_id);
}

absl::StatusOr<std::string> PostgresEvidenceStore::BeginUpload(const std::string& evidence_id,
                                                               const std::string& sha256,
                                                               uint64_t offset) {
  // What goes on is not swept. Where the place is another one now, it goes on there from nothing.
  static const Statement insert{
      "blob_insert",
      "INSERT INTO evidence_blobs AS b (blob_id, location) VALUES ($1, $2)"
      " ON CONFLICT (blob_id) DO UPDATE SET create_time = now(), location = EXCLUDED.location"
      " WHERE NOT b.complete"};
  const Location location = volume_ == nullptr ? Location::kChunks : Location::kDirectory;
  AW_ASSIGN_OR_RETURN(BlobStore* const blobs, Blobs(location));
  const std::string blob_id = UploadId(evidence_id, sha256);
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const Params params = Params().Text(blob_id).Int(Number(location));
    if (transaction.Run(insert, params).affected_rows() > 0) return absl::OkStatus();
    return absl::AbortedError("another upload of this evidence has just been committed");
  }));
  AW_RETURN_IF_ERROR(
      Annotate(blobs->Begin(blob_id, offset), absl::StrCat("evidence ", evidence_id)));
  return UploadName(location, blob_id);
}

absl::StatusOr<std::string> PostgresEvidenceStore::ReadUpload(const std::string& upload_id,
                                                              uint64_t offset) {
  AW_ASSIGN_OR_RETURN(BlobStore* const blobs, Blobs(LocationOf(upload_id)));
  auto bytes = blobs->Read(BlobOf(upload_id), offset);
  if (absl::IsNotFound(bytes.status())) return std::string();
  return bytes;
}

absl::Status PostgresEvidenceStore::AppendUpload(const std::string& upload_id, uint64_t offset,
                                                 absl::string_view bytes) {
  AW_ASSIGN_OR_RETURN(BlobStore* const blobs, Blobs(LocationOf(upload_id)));
  return blobs->Append(BlobOf(upload_id), offset, bytes);
}

absl::StatusOr<Evidence> PostgresEvidenceStore::CommitUpload(const std::string& upload_id,
                                                             const Evidence& evidence) {
  static const Statement complete{"blob_complete",
                                  "UPDATE evidence_blobs SET complete = true WHERE blob_id = $1"};
  static const Statement used{"blob_used", "SELECT 1 FROM evidence WHERE blob_id = $1"};
  static const Statement remove{"blob_remove", "DELETE FROM evidence_blobs WHERE blob_id = $1"};
  const std::string blob_id = BlobOf(upload_id);
  AW_ASSIGN_OR_RETURN(BlobStore* const blobs, Blobs(LocationOf(upload_id)));
  AW_RETURN_IF_ERROR(blobs->Complete(blob_id, evidence.size_bytes, evidence.sha256));
  Evidence ready = evidence;
  ready.state = EvidenceState::kReady;
  Evidence stored;
  bool unused = false;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    AW_RETURN_IF_ERROR(CheckIncidentExists(transaction, evidence.incident_id));
    const Params blob = Params().Text(blob_id);
    if (transaction.Run(complete, blob).affected_rows() == 0) {
      return absl::AbortedError("the upload took so long that it was given up; send it again");
    }
    stored = Upsert(transaction, ready, blob_id);
    AW_RETURN_IF_ERROR(CheckSameIncident(stored, ready));
    if (stored.sha256 != ready.sha256) {
      return absl::AlreadyExistsError(
          absl::StrCat("evidence ", evidence.evidence_id, " is stored with other bytes"));
    }
    unused = transaction.Run(used, blob).empty();
    if (unused) transaction.Run(remove, blob);
    return absl::OkStatus();
  }));
  if (unused) blobs->Remove({blob_id}).IgnoreError();  // Else retention finds it.
  return stored;
}

void PostgresEvidenceStore::AbandonUpload(const std::string& upload_id) {
  static const Statement remove{"blob_abandon",
                                "DELETE FROM evidence_blobs WHERE blob_id = $1 AND NOT complete"};
  const auto blobs = Blobs(LocationOf(upload_id));
  // Where this fails, SweepUploads does it later. Bytes go while the row is locked, so that they
  // are not those of an upload that begins now.
  pool_
      .Run([&](Transaction& transaction) -> absl::Status {
        if (transaction.Run(remove, Params().Text(BlobOf(upload_id))).affected_rows() == 0) {
          return absl::OkStatus();
        }
        return blobs.ok() ? (*blobs)->Remove({BlobOf(upload_id)}) : blobs.status();
      })
      .IgnoreError();
}

absl::StatusOr<int> PostgresEvidenceStore::SweepUploads(absl::Duration age) {
  static const Statement sweep{"blob_sweep",
                               "DELETE FROM evidence_blobs WHERE NOT complete AND location = $2"
                               " AND create_time < now() - $1::bigint * interval '1 microsecond'"
                               " RETURNING blob_id"};
  int freed = 0;
  const auto free = [&](Location location, BlobStore& blobs) {
    int count = 0;
    const absl::Status status = pool_.Run([&](Transaction& transaction) {
      const Params params = Params().Int(absl::ToInt64Microseconds(age)).Int(Number(location));
      std::vector<std::string> ids;
      for (const auto& row : transaction.Run(sweep, params)) ids.push_back(ReadText(row[0]));
      count = static_cast<int>(ids.size());
      return blobs.Remove(ids);  // While the rows are locked; see AbandonUpload.
    });
    if (status.ok()) freed += count;
    return status;
  };
  AW_RETURN_IF_ERROR(free(Location::kChunks, chunks_));
  if (volume_ != nullptr) {
    AW_ASSIGN_OR_RETURN(BlobDirectory* const directory, volume_->Use());
    AW_RETURN_IF_ERROR(free(Location::kDirectory, *directory));
  }
  return freed;
}

absl::StatusOr<std::string> PostgresEvidenceStore::ReadEvidence(const std::string& evidence_id,
                                                                uint64_t offset) {
  static const Statement select{"evidence_blob",
                                "SELECT e.state, b.location, b.blob_id FROM evidence e"
                                " LEFT JOIN evidence_blobs b ON b.blob_id = e.blob_id"
                                " WHERE e.evidence_id = $1"};
  Location location = Location::kChunks;
  std::string blob_id;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Text(evidence_id));
    if (rows.empty()) return NoEvidence(evidence_id);
    if (static_cast<EvidenceState>(ReadInt(rows[0][0])) != EvidenceState::kReady) {
      return absl::FailedPreconditionError(
          absl::StrCat("evidence ", evidence_id, " has no bytes; its state says why"));
    }
    location = ReadLocation(rows[0][1]);
    blob_id = ReadText(rows[0][2]);
    return absl::OkStatus();
  }));
  AW_ASSIGN_OR_RETURN(BlobStore* const blobs, Blobs(location));
  auto bytes = blobs->Read(blob_id, offset);
  if (absl::IsNotFound(bytes.status())) {
    return absl::DataLossError(absl::StrCat("the bytes of evidence ", evidence_id,
                                            " are gone; retention has just taken them, or they "
                                            "were lost and must be restored from a backup"));
  }
  return bytes;
}

}  // namespace aislewatch::events
