// Evidence in PostgreSQL; its bytes are rows there, or lie in a directory. Thread-safe; blocks; see
// core/stores.h for the contract, core/blob_store.h for what another place for bytes (an object
// store) would have to do.
//
// Each blob's row says where its bytes are, so what was stored before a directory was given, or in
// one that is not used any more, is read from there.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/chunk_store.h"
#include "services/events/adapters/postgres/evidence_volume.h"
#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class PostgresEvidenceStore : public EvidenceStore {
 public:
  /// As evidence_blobs.location has it.
  enum class Location : int { kChunks = 0, kDirectory = 1 };

  /// `pool` and `volume` must outlive the store. Where `volume` is not null, new bytes go there.
  explicit PostgresEvidenceStore(Pool& pool, EvidenceVolume* volume = nullptr)
      : pool_(pool), chunks_(pool), volume_(volume) {}

  absl::StatusOr<Evidence> GetEvidence(const std::string& evidence_id) override;
  absl::StatusOr<std::vector<Evidence>> ListEvidence(const std::string& incident_id) override;
  absl::StatusOr<Evidence> DescribeEvidence(const Evidence& evidence) override;
  absl::StatusOr<uint64_t> UploadedBytes(const std::string& evidence_id,
                                         const std::string& sha256) override;
  absl::StatusOr<std::string> BeginUpload(const std::string& evidence_id, const std::string& sha256,
                                          uint64_t offset) override;
  absl::StatusOr<std::string> ReadUpload(const std::string& upload_id, uint64_t offset) override;
  absl::Status AppendUpload(const std::string& upload_id, uint64_t offset,
                            absl::string_view bytes) override;
  absl::StatusOr<Evidence> CommitUpload(const std::string& upload_id,
                                        const Evidence& evidence) override;
  void AbandonUpload(const std::string& upload_id) override;
  absl::StatusOr<int> SweepUploads(absl::Duration age) override;
  absl::StatusOr<std::string> ReadEvidence(const std::string& evidence_id,
                                           uint64_t offset) override;

 private:
  absl::StatusOr<BlobStore*> Blobs(Location location);

  Pool& pool_;
  ChunkStore chunks_;
  EvidenceVolume* const volume_;
};

}  // namespace aislewatch::events
