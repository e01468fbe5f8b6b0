// Blobs as rows of at most 1 MiB in PostgreSQL. Thread-safe; blocks; see core/blob_store.h for the
// contract.
//
// The blob's own row belongs to PostgresEvidenceStore, which makes it before anything is written
// here; chunks go with it.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/blob_store.h"

namespace aislewatch::events {

class ChunkStore : public BlobStore {
 public:
  /// `pool` must outlive the store.
  explicit ChunkStore(Pool& pool) : pool_(pool) {}

  absl::StatusOr<uint64_t> Stored(const std::string& blob_id) override;
  absl::Status Begin(const std::string& blob_id, uint64_t offset) override;
  absl::Status Append(const std::string& blob_id, uint64_t offset,
                      absl::string_view bytes) override;
  absl::StatusOr<std::string> Read(const std::string& blob_id, uint64_t offset) override;
  absl::Status Complete(const std::string& blob_id, uint64_t size,
                        const std::string& sha256) override;
  /// Nothing is left to do: chunks go with their blob's row.
  absl::Status Remove(const std::vector<std::string>&) override { return absl::OkStatus(); }

 private:
  Pool& pool_;
};

}  // namespace aislewatch::events
