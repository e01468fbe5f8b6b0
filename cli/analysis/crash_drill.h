// Kills every process of a local cluster in turn while cameras run, and looks what was lost.
//
// `aislewatch bench cluster --kill` and tests/e2e share it. The promise that it checks: an incident
// that a client was told of is in event storage, with every transition, exactly once.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cli/analysis/load_generator.h"
#include "cli/cluster/local_cluster.h"

namespace aislewatch {

/// One process that was killed.
struct Kill {
  /// A service's name, or "postgres".
  std::string name;
  absl::Time time;
};

/// SIGKILL to each service and to PostgreSQL, one after the other, evenly over a time.
class CrashDrill {
 public:
  /// Starts at once. `cluster` must outlive the drill.
  CrashDrill(LocalCluster& cluster, absl::Duration over);
  /// Stops killing.
  ~CrashDrill();
  /// What was killed so far.
  std::vector<Kill> kills() const;

 private:
  void Run(absl::Duration over);

  LocalCluster& cluster_;
  mutable absl::Mutex mutex_;
  std::vector<Kill> kills_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// From a kill to the capture of the first of five whole frames in a row; zero where the frames
/// went on whole, infinite where they never did again.
absl::Duration RecoveryTime(const Kill& kill, std::vector<LoadFrame> frames);

/// A scene whose rule fires on everybody, so that a short run has incidents.
Scene DrillScene();

/// What event storage has of what clients were told.
struct RecordCheck {
  /// Incidents that verdicts told of.
  int told = 0;
  /// Of those, recorded with every transition that was told.
  int recorded = 0;
  /// Ids that came more than once in a listing, and transition numbers more than once in a history.
  int duplicates = 0;
  /// Incidents in storage that no client was told of: opened when ingest was killed.
  int untold = 0;
};

/// Waits up to `deadline` for the outbox to be sent. Error where storage cannot be asked.
absl::StatusOr<RecordCheck> CheckRecords(const std::shared_ptr<grpc::Channel>& events,
                                         const LoadResult& result, absl::Time deadline);

}  // namespace aislewatch
