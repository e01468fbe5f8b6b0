// Where the bytes of evidence lie, whatever says what they belong to: rows of the database, files
// of a directory; later perhaps objects of an object store.
//
// A blob is written from its first byte to its last, possibly with breaks, and is checked by size
// and SHA-256 before it counts; its id is made of the evidence and the sum, so whoever writes it
// means the same bytes. Implementations are thread-safe and block. Besides what is said below:
// UNAVAILABLE while the place is away, RESOURCE_EXHAUSTED where it is full; what was appended
// before stays then, and the same call may be made again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aislewatch::events {

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  /// How many bytes are there, from the first on; 0 where nobody has begun.
  virtual absl::StatusOr<uint64_t> Stored(const std::string& blob_id) = 0;
  /// Keeps the first `offset` bytes and drops the rest. ABORTED where there are fewer.
  virtual absl::Status Begin(const std::string& blob_id, uint64_t offset) = 0;
  /// Appends at most kMaxEvidenceChunkBytes. ABORTED where `offset` is not the end.
  virtual absl::Status Append(const std::string& blob_id, uint64_t offset,
                              absl::string_view bytes) = 0;
  /// Bytes from `offset` on, at most kMaxEvidenceChunkBytes; none at the end. NOT_FOUND where there
  /// is no such blob.
  virtual absl::StatusOr<std::string> Read(const std::string& blob_id, uint64_t offset) = 0;
  /// The blob is whole, and survives a crash once this returns. ABORTED where it is not of this
  /// size and sum. Again is no error.
  virtual absl::Status Complete(const std::string& blob_id, uint64_t size,
                                const std::string& sha256) = 0;
  /// Frees what there is of these; those that are not there are no error.
  virtual absl::Status Remove(const std::vector<std::string>& blob_ids) = 0;
};

}  // namespace aislewatch::events
