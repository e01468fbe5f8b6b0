// An outbox that goes on in memory while its disk is full or broken.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/ingest/core/outbox.h"

namespace aislewatch::ingest {

/// What may wait in memory.
struct SpillLimits {
  size_t max_items = 10000;
  size_t max_bytes = size_t{128} << 20;
};

/// Appends to `disk`; where that fails, says so (log, metric) and keeps the items in memory, where
/// they are read and sent like the others and moved to the disk as soon as it takes them again.
/// Over the limits evidence goes first, oldest first; a transition is refused with
/// RESOURCE_EXHAUSTED only where no evidence is left to go. Visits never wait in memory: what the disk does
/// not take of them is lost, and counted. Thread-safe.
class SpillingOutbox : public Outbox {
 public:
  /// What is passed must outlive it.
  SpillingOutbox(Outbox& disk, SpillLimits limits, Metrics& metrics, Clock& clock = RealClock());

  absl::Status Append(absl::Span<const OutboxItem> items) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<OutboxItem>> Read(int64_t after, size_t limit,
                                               OutboxLane lane = OutboxLane::kFirst) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Remove(absl::Span<const int64_t> ids) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Bury(int64_t id, absl::string_view reason) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<OutboxItem>> TransitionsOf(absl::string_view camera_id) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  /// Of the disk alone: what is promised in memory dies with the process.
  absl::StatusOr<std::vector<OutboxItem>> Promises() override { return disk_.Promises(); }
  absl::StatusOr<absl::Time> Oldest() override ABSL_LOCKS_EXCLUDED(mutex_);
  size_t pending() const override { return disk_.pending() + memory_count_; }

 private:
  // Ids of items in memory start here, above every id of the disk, so that they are sent after it.
  static constexpr int64_t kFirstMemoryId = int64_t{1} << 62;

  void ShowCount() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Unspill() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AppendVisits(absl::Span<const OutboxItem> visits)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Spill(const OutboxItem& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool DropOldestEvidence() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(int64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Outbox& disk_;
  const SpillLimits limits_;
  Clock& clock_;
  Counter& write_errors_;
  Counter& lost_;
  Gauge& in_memory_;
  Counter& lost_visits_;
  std::atomic<size_t> memory_count_ = 0;

  // Held over disk calls too: an item must not reach the disk before those that wait in memory.
  mutable absl::Mutex mutex_;
  std::deque<OutboxItem> memory_ ABSL_GUARDED_BY(mutex_);
  // The last visits were lost; said once.
  bool losing_visits_ ABSL_GUARDED_BY(mutex_) = false;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = kFirstMemoryId;
};

}  // namespace aislewatch::ingest
