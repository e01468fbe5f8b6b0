// Connections to PostgreSQL for many threads, and transactions that survive its restarts.
//
// Thread-safe; Run blocks. The pool opens connections when they are needed, throws those away that
// broke together with the idle ones (they broke, too), and repeats a transaction that had certainly
// not been committed. While the pool is closed, calls fail at once instead of each waiting for a
// database that is known to be away; DatabaseKeeper opens and closes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"
#include "services/events/adapters/postgres/connection.h"

namespace aislewatch::events {

class Pool {
 public:
  /// `conninfo` from CompleteConninfo; `size` >= 1; `acquire_timeout`: how long a call waits for a
  /// connection while all are in use. Closed at first. `metrics` outlives it.
  Pool(std::string conninfo, int size, absl::Duration acquire_timeout, Metrics& metrics);
  /// Every Run must have returned.
  ~Pool() = default;

  void Open() ABSL_LOCKS_EXCLUDED(mutex_);
  /// `reason`: what calls are told, UNAVAILABLE. Drops idle connections.
  void Close(absl::Status reason) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Runs `body` in a transaction and commits it unless `body` returned an error, which Run then
  /// returns. `body` may run more than once, each time in a fresh transaction. Besides its errors:
  /// those of CurrentFailure, UNAVAILABLE while closed or where no connection got free.
  absl::Status Run(absl::FunctionRef<absl::Status(Transaction&)> body) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  static constexpr int kAttempts = 3;

  struct Attempt {
    absl::Status status;
    bool repeat = false;  // It failed in passing, and nothing can have been committed.
  };
  Attempt RunOnce(absl::FunctionRef<absl::Status(Transaction&)> body);
  absl::StatusOr<std::unique_ptr<Connection>> Acquire() ABSL_LOCKS_EXCLUDED(mutex_);
  // Null where the connection broke: then the idle ones go as well.
  void Release(std::unique_ptr<Connection> connection) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string conninfo_;
  const int size_;
  const absl::Duration acquire_timeout_;

  Gauge& used_gauge_;
  Counter& timeouts_;

  absl::Mutex mutex_;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::events
