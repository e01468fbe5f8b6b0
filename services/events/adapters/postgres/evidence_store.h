// Evidence in PostgreSQL: its bytes are rows of at most 1 MiB. Thread-safe; blocks; see
// core/stores.h for the contract. Another store for bytes (an object store) would be another
// EvidenceStore.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class PostgresEvidenceStore : public EvidenceStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresEvidenceStore(Pool& pool) : pool_(pool) {}

  absl::StatusOr<Evidence> GetEvidence(const std::string& evidence_id) override;
  absl::StatusOr<std::vector<Evidence>> ListEvidence(const std::string& incident_id) override;
  absl::StatusOr<Evidence> DescribeEvidence(const Evidence& evidence) override;
  absl::StatusOr<uint64_t> UploadedBytes(const std::string& evidence_id,
                                         const std::string& sha256) override;
  absl::StatusOr<std::string> BeginUpload(const std::string& evidence_id,
                                          const std::string& sha256, uint64_t offset) override;
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
  Pool& pool_;
};

}  // namespace aislewatch::events
