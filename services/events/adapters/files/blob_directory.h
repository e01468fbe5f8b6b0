// Blobs as files of a directory: DIRECTORY/ab/BLOB_ID, where "ab" begins the id, so that no folder
// gets too large; BLOB_ID.part while it is written.
//
// A file is written, synced and then renamed, and its folder synced, so after a crash there is the
// whole blob or a part that an upload goes on with. Several replicas may share the directory over a
// file system with POSIX renames, as NFS has. Thread-safe; blocks. Errors name the remedy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/events/core/blob_store.h"

namespace aislewatch::events {

class BlobDirectory : public BlobStore {
 public:
  /// Folders in which blobs lie.
  static constexpr int kShards = 256;

  /// `path` need not be there yet; nothing is made in it before it is written to.
  explicit BlobDirectory(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<uint64_t> Stored(const std::string& blob_id) override;
  absl::Status Begin(const std::string& blob_id, uint64_t offset) override;
  absl::Status Append(const std::string& blob_id, uint64_t offset,
                      absl::string_view bytes) override;
  absl::StatusOr<std::string> Read(const std::string& blob_id, uint64_t offset) override;
  absl::Status Complete(const std::string& blob_id, uint64_t size,
                        const std::string& sha256) override;
  absl::Status Remove(const std::vector<std::string>& blob_ids) override;

  /// Ids of blobs and parts of one folder that were not written to since `before`.
  absl::StatusOr<std::vector<std::string>> ListOld(int shard, absl::Time before) const;
  /// Frees those of them that have not been written to since then.
  absl::Status RemoveOld(const std::vector<std::string>& blob_ids, absl::Time before);

  /// The id in the directory's own file; unset where it has none. UNAVAILABLE where the directory
  /// cannot be read.
  absl::StatusOr<std::optional<std::string>> Identity() const;
  absl::Status SetIdentity(const std::string& id);
  /// Whether nothing was ever stored in it.
  bool IsEmpty() const;

  const std::string& path() const { return path_; }

 private:
  std::string FolderOf(const std::string& blob_id) const;
  std::string FileOf(const std::string& blob_id) const;
  std::string PartOf(const std::string& blob_id) const;
  absl::Status MakeFolder(const std::string& folder);

  const std::string path_;
};

}  // namespace aislewatch::events
