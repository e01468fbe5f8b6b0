// The evidence directory that belongs to this database.
//
// Database and directory know each other by an id, in a table and in a file: without it, an empty
// mount point would swallow evidence, and somebody else's volume would lose all that this database
// does not know. The id is given when a directory that holds nothing is used first. Thread-safe;
// blocks.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/events/adapters/files/blob_directory.h"
#include "services/events/adapters/postgres/pool.h"

namespace aislewatch::events {

class EvidenceVolume {
 public:
  /// `pool` must outlive it.
  EvidenceVolume(Pool& pool, std::string path) : pool_(pool), directory_(std::move(path)) {}

  /// The directory, each time after a look whether it is the right one. UNAVAILABLE says what is
  /// wrong with it and how to set it right.
  absl::StatusOr<BlobDirectory*> Use() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // The id that the database has; gives one where neither has.
  absl::StatusOr<std::string> Agree();

  Pool& pool_;
  BlobDirectory directory_;

  absl::Mutex mutex_;
  std::string id_ ABSL_GUARDED_BY(mutex_);  // The database's; empty until it was read.
};

}  // namespace aislewatch::events
