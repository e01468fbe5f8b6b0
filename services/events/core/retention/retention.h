// How long incidents and their evidence are kept, and the job that takes what is older.
//
// Evidence loses its bytes first, by the severity of its incident, and its state becomes EXPIRED;
// the incident with its history, reviews and place in the feed of changes goes later. An incident
// on hold keeps everything. Ages count from the incident's last step.
#pragma once

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

/// Zero means for ever.
struct RetentionPolicy {
  absl::Duration info_evidence = absl::Hours(30 * 24);
  absl::Duration warning_evidence = absl::Hours(90 * 24);
  absl::Duration critical_evidence = absl::Hours(365 * 24);
  absl::Duration incidents = absl::Hours(2 * 365 * 24);
  /// Of deliveries to webhooks that were delivered or given up.
  absl::Duration deliveries = absl::Hours(30 * 24);
  /// Of the sums of shoppers' attention, by the hour that they are of.
  absl::Duration attention = absl::Hours(2 * 365 * 24);
  /// Of entries of the audit log.
  absl::Duration audit = absl::Hours(2 * 365 * 24);
  /// How long evidence that was announced may stay away after its incident's end; then it has
  /// failed. What comes later all the same is taken.
  absl::Duration pending_evidence = absl::Hours(1);
};

/// How long it is remembered which visits were added up.
inline constexpr absl::Duration kVisitIdsKept = absl::Hours(48);

/// Files of the evidence directory are looked at in so many parts, and not while they are so young.
inline constexpr int kOrphanParts = 256;
inline constexpr absl::Duration kOrphanAge = absl::Hours(2);

/// What was taken.
struct RetentionResult {
  uint64_t evidence = 0;
  uint64_t evidence_bytes = 0;
  uint64_t incidents = 0;
  uint64_t failed = 0;   // Evidence that never came.
  uint64_t orphans = 0;  // Files that belong to nothing.
  uint64_t deliveries = 0;
  uint64_t attention_sums = 0;
  uint64_t visit_ids = 0;
  uint64_t audit_entries = 0;
  uint64_t months = 0;  // Partitions that were empty.
};

/// Takes what is older than a cutoff, a batch at a time. One replica works at a time: the methods
/// return ABORTED while another one does. Thread-safe; blocks; UNAVAILABLE while the database is
/// away.
class RetentionStore {
 public:
  virtual ~RetentionStore() = default;

  /// Drops the bytes of READY evidence of at most `limit` incidents of this severity whose last
  /// step is before `cutoff`. Nothing taken means that nothing is left to take.
  virtual absl::StatusOr<RetentionResult> ExpireEvidence(Severity severity, absl::Time cutoff,
                                                         int limit) = 0;
  /// Makes at most `limit` pieces of PENDING evidence FAILED that were announced more than `age`
  /// ago and whose incident ended as long ago, by the database's clock; or goes on, and they were
  /// announced 24 times as long ago. Likewise.
  virtual absl::StatusOr<RetentionResult> FailPending(absl::Duration age, int limit) = 0;
  /// Removes files of part 0..kOrphanParts-1 that have not been written to for `age` and belong to
  /// no evidence.
  virtual absl::StatusOr<RetentionResult> RemoveOrphans(int part, absl::Duration age) = 0;
  /// Removes at most `limit` incidents with everything that belongs to them. Likewise.
  virtual absl::StatusOr<RetentionResult> RemoveIncidents(absl::Time cutoff, int limit) = 0;
  /// Removes at most `limit` deliveries that ended before `cutoff`. Likewise.
  virtual absl::StatusOr<RetentionResult> RemoveDeliveries(absl::Time cutoff, int limit) = 0;
  /// Removes at most `limit` sums of attention of hours before `cutoff`. Likewise.
  virtual absl::StatusOr<RetentionResult> RemoveAttention(absl::Time cutoff, int limit) = 0;
  /// Forgets at most `limit` visits that were added up more than `age` ago by the database's clock.
  /// Likewise.
  virtual absl::StatusOr<RetentionResult> ForgetVisits(absl::Duration age, int limit) = 0;
  /// Removes at most `limit` entries of the audit log from before `cutoff`. Likewise.
  virtual absl::StatusOr<RetentionResult> RemoveAudit(absl::Time cutoff, int limit) = 0;
  /// Drops months that are empty and ended before `cutoff`.
  virtual absl::StatusOr<RetentionResult> DropEmptyMonths(absl::Time cutoff) = 0;
};

/// Takes everything that is too old at `now`, as long as `keep_going` says so. What was taken
/// before an error is added to `result` all the same.
absl::Status RunRetention(const RetentionPolicy& policy, RetentionStore& store, absl::Time now,
                          const std::function<bool()>& keep_going, RetentionResult& result);

/// Runs retention again and again on a thread of its own. Thread-safe.
class RetentionJob {
 public:
  struct Options {
    RetentionPolicy policy;
    absl::Duration interval = absl::Hours(1);
    /// After a run that failed, and before the first one.
    absl::Duration retry_interval = absl::Minutes(1);
  };

  /// Begins at once. What is passed must outlive the job.
  RetentionJob(Options options, RetentionStore& store, Metrics& metrics,
               Clock& clock = RealClock());
  /// Ends after the batch that runs.
  ~RetentionJob();

 private:
  void Run();
  absl::Status RunOnce();
  bool stopping() const ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  RetentionStore& store_;
  Counter& evidence_;
  Counter& evidence_bytes_;
  Counter& incidents_;
  Counter& failures_;
  Gauge& last_success_;
  Clock& clock_;

  mutable absl::Mutex mutex_;
  absl::CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace aislewatch::events
