#include "services/events/adapters/postgres/chunk_store.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

// Pieces come in order, so the last one tells.
uint64_t StoredChunks(Transaction& transaction, const std::string& blob_id) {
  static const Statement select{"blob_stored",
                                "SELECT coalesce(max(first_byte + octet_length(data)), 0)::bigint"
                                " FROM evidence_chunks WHERE blob_id = $1"};
  return static_cast<uint64_t>(ReadInt(transaction.Run(select, Params().Text(blob_id))[0][0]));
}

}  // namespace

absl::StatusOr<uint64_t> ChunkStore::Stored(const std::string& blob_id) {
  uint64_t stored = 0;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    stored = StoredChunks(transaction, blob_id);
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status ChunkStore::Begin(const std::string& blob_id, uint64_t offset) {
  static const Statement cut{"blob_cut",
                             "DELETE FROM evidence_chunks WHERE blob_id = $1 AND first_byte >= $2"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    transaction.Run(cut, Params().Text(blob_id).Int(static_cast<int64_t>(offset)));
    if (StoredChunks(transaction, blob_id) == offset) return absl::OkStatus();
    return absl::AbortedError(
        absl::StrCat("the upload cannot go on at byte ", offset, "; ask GetUpload where it does"));
  });
}

absl::Status ChunkStore::Append(const std::string& blob_id, uint64_t offset,
                                absl::string_view bytes) {
  static const Statement insert{
      "chunk_insert",
      "INSERT INTO evidence_chunks (blob_id, first_byte, data) VALUES ($1, $2, $3)"};
  const Params params = Params().Text(blob_id).Int(static_cast<int64_t>(offset)).Bytes(bytes);
  return pool_.Run([&](Transaction& transaction) {
    transaction.Run(insert, params);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::string> ChunkStore::Read(const std::string& blob_id, uint64_t offset) {
  // The chunk that holds the byte at the offset; bytea counts from 1.
  static const Statement read{
      "chunk_read",
      "SELECT substr(data, ($2::bigint - first_byte + 1)::int)"
      " FROM evidence_chunks WHERE blob_id = $1 AND first_byte <= $2::bigint"
      " ORDER BY first_byte DESC LIMIT 1"};
  std::string bytes;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const Params params = Params().Text(blob_id).Int(static_cast<int64_t>(offset));
    const auto rows = transaction.Run(read, params);
    if (rows.empty()) return absl::NotFoundError(absl::StrCat("there is no blob ", blob_id));
    bytes = ReadBytes(rows[0][0]);
    return absl::OkStatus();
  }));
  return bytes;
}

absl::Status ChunkStore::Complete(const std::string& blob_id, uint64_t size, const std::string&) {
  // The sum was taken as the bytes came; PostgreSQL keeps them. But two uploads of the same
  // evidence at once may have mixed their pieces.
  static const Statement select{"blob_size",
                                "SELECT coalesce(sum(octet_length(data)), 0)::bigint"
                                " FROM evidence_chunks WHERE blob_id = $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Text(blob_id));
    if (ReadInt(rows[0][0]) == static_cast<int64_t>(size)) return absl::OkStatus();
    return absl::AbortedError(
        "another upload of this evidence ran at the same time; send it again");
  });
}

}  // namespace aislewatch::events
