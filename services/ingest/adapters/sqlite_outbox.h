// The outbox in a SQLite file.
//
// WAL with synchronous=FULL: a commit is on the disk when it returns (sqlite.org/wal.html), so that
// what was appended survives kill -9 and a power cut.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "services/ingest/core/outbox.h"

struct sqlite3;
struct sqlite3_stmt;

namespace aislewatch::ingest {

/// Thread-safe: one call at a time. Each call blocks for the disk.
class SqliteOutbox : public Outbox {
 public:
  /// Opens or creates `path`. A file that is no intact outbox is moved aside to
  /// PATH.corrupt-TIME, with an error in the log, and a new one begun: cameras must not stop for
  /// it. UNAVAILABLE where the file cannot be opened, or another process has it open. `clock` must
  /// outlive it.
  static absl::StatusOr<std::unique_ptr<SqliteOutbox>> Open(const std::string& path,
                                                            Clock& clock = RealClock());
  ~SqliteOutbox() override;

  absl::Status Append(absl::Span<const OutboxItem> items) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<OutboxItem>> Read(int64_t after, size_t limit,
                                               OutboxLane lane = OutboxLane::kFirst) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Remove(absl::Span<const int64_t> ids) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Bury(int64_t id, absl::string_view reason) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<OutboxItem>> TransitionsOf(absl::string_view camera_id) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<OutboxItem>> Promises() override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<absl::Time> Oldest() override ABSL_LOCKS_EXCLUDED(mutex_);
  size_t pending() const override { return pending_; }

  /// So many visits wait at most (some 15 MB); Append refuses more with RESOURCE_EXHAUSTED, so that the disk
  /// stays free for incidents.
  static constexpr size_t kMaxVisits = 50'000;
  void LimitVisits(size_t visits) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Reasons of the dead letters, oldest first.
  absl::StatusOr<std::vector<std::string>> DeadLetters() ABSL_LOCKS_EXCLUDED(mutex_);

  /// Lets the file grow to `pages` pages of 4 KiB at most, as a full disk would.
  absl::Status LimitPages(int pages) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Statement;
  class Transaction;

  SqliteOutbox(std::string path, sqlite3* db, Clock& clock);
  static absl::StatusOr<std::unique_ptr<SqliteOutbox>> TryOpen(const std::string& path,
                                                               Clock& clock);
  absl::Status Prepare();
  // A file of an older version gets the column `name` of items, with `value` for what waits in it.
  absl::Status AddColumn(absl::string_view name, int64_t value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status MakeSureOfRoom(absl::Span<const OutboxItem> items)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status KeepPromise(const OutboxItem& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Execute(const char* sql) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Error(absl::string_view doing) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Count() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  Clock& clock_;
  std::atomic<size_t> pending_ = 0;

  absl::Mutex mutex_;
  sqlite3* const db_ ABSL_PT_GUARDED_BY(mutex_);
  size_t max_visits_ ABSL_GUARDED_BY(mutex_) = kMaxVisits;
  // Not less than there are: what was removed counts until the limit is reached.
  size_t visits_ ABSL_GUARDED_BY(mutex_) = kMaxVisits;
};

}  // namespace aislewatch::ingest
