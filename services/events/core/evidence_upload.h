// Taking one piece of evidence: its description, then its bytes, checked by size and SHA-256.
//
// Not thread-safe: one call at a time. Every method blocks on the store. Bytes go to the store as
// they come, so an upload holds no more than one message in memory, and nobody sees them before
// Finish has found them right.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/sha256.h"
#include "services/events/core/evidence.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// INVALID_ARGUMENT with every fault of the description.
absl::Status CheckEvidence(const Evidence& evidence);

/// Where an upload of the evidence goes on. INVALID_ARGUMENT where one of the two is none.
absl::StatusOr<uint64_t> FindUpload(EvidenceStore& store, const std::string& evidence_id,
                                    const std::string& sha256);

class EvidenceUpload {
 public:
  /// `store` must outlive the upload.
  explicit EvidenceUpload(EvidenceStore& store);
  ~EvidenceUpload();

  /// Takes the description. Where the same evidence is stored already, done() has it afterwards and
  /// no bytes are needed. ALREADY_EXISTS where other bytes are stored under its id. `offset`: the
  /// upload goes on where an earlier one broke off; ABORTED where it cannot go on there.
  absl::Status Start(const Evidence& evidence, uint64_t offset = 0);
  /// What is stored, once nothing more is needed from the client.
  const std::optional<Evidence>& done() const { return done_; }
  /// Takes the next bytes. INVALID_ARGUMENT before Start or where a piece is too large; DATA_LOSS
  /// where there are more than described.
  absl::Status Append(absl::string_view bytes);
  /// No more bytes come. DATA_LOSS where they are not those described: where some are missing, what
  /// came is kept for an upload that goes on from there, wrong ones are not.
  absl::StatusOr<Evidence> Finish();

 private:
  EvidenceStore& store_;
  std::optional<Evidence> evidence_;
  std::optional<Evidence> done_;
  std::string upload_id_;
  uint64_t received_ = 0;
  std::unique_ptr<Sha256> hash_;
};

}  // namespace aislewatch::events
