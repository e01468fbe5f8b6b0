// Keeps event storage and its database together: connects, migrates, listens for changes, notices
// when the database goes away and comes back.
//
// One thread and one connection of its own. While the database is there the pool is open and the
// service ready; when the connection is lost the pool is closed, and connecting is tried again with
// a growing pause, for ever. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/change_signal.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

class DatabaseKeeper {
 public:
  struct Options {
    std::string conninfo;  // From CompleteConninfo.
    /// Pause before connecting again, doubled after each failure up to the longest.
    absl::Duration first_pause = absl::Milliseconds(100);
    absl::Duration longest_pause = absl::Seconds(5);
    /// How often the connection is checked and watchers are woken even without a notification.
    absl::Duration check_interval = absl::Seconds(5);
    /// How often uploads that nobody finished are looked for, and how old they must be.
    absl::Duration sweep_interval = absl::Minutes(10);
    absl::Duration abandoned_after = absl::Hours(1);
  };

  /// `on_ready` is called from the keeper's thread with true when the database can be used, and
  /// false when it cannot any more. Everything passed must outlive the keeper.
  DatabaseKeeper(Options options, Pool& pool, ChangeSignal& signal, EvidenceStore& evidence,
                 Metrics& metrics, std::function<void(bool)> on_ready, Clock& clock = RealClock());
  /// Stops; does not call on_ready any more.
  ~DatabaseKeeper();

 private:
  void Run();
  // Connects and serves until the connection is lost or the keeper is stopped; says why it ended.
  absl::Status Serve();
  void Listen(Connection& connection);
  void Sweep(absl::Time& next_sweep);
  // Whether to go on.
  bool Pause(absl::Duration duration) ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopping() const ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  Pool& pool_;
  ChangeSignal& signal_;
  EvidenceStore& evidence_;
  Gauge& ready_gauge_;
  Counter& connections_lost_;
  const std::function<void(bool)> on_ready_;
  Clock& clock_;
  int wake_fd_ = -1;  // An eventfd, readable once the keeper stops.

  mutable absl::Mutex mutex_;
  absl::CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool served_ = false;  // Since the last pause; of the thread alone.

  std::thread thread_;
};

}  // namespace aislewatch::events
