// How a DynamicBatcher gathers items, and the instruments it reports with: what needs no template.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"

namespace aislewatch {

/// What happens to items when the queue is full.
enum class OverflowPolicy {
  /// The new item is refused.
  kReject,
  /// The item that waits longest is given up and the new one takes its place: newest wins.
  kDropOldest,
};

/// Settings of a DynamicBatcher.
struct BatchingOptions {
  /// Most items of one batch, 1..1024. 1 means no batching.
  int max_batch = 8;
  /// How long the first item of a batch waits for others, 0..10 s. 0 means: whatever is there when
  /// an inference thread is free.
  absl::Duration max_delay = absl::Milliseconds(5);
  /// Most items that wait, those being inferred not counted; max_batch..100,000.
  int queue_capacity = 64;
  /// What a full queue does with one item more. Expired items make room first in either case.
  OverflowPolicy overflow = OverflowPolicy::kReject;
  /// Begin of every metric's name, for example "aislewatch_pose".
  std::string metrics_prefix = "aislewatch";
  /// Labels of every metric, for example {"model", "movenet-multipose"}.
  Labels metrics_labels = {};
};

/// INVALID_ARGUMENT that names every field outside its range.
absl::Status CheckBatchingOptions(const BatchingOptions& options);

/// INVALID_ARGUMENT unless `workers` is 1..64, the inference threads that a batcher may have.
absl::Status CheckBatchWorkers(size_t workers);

/// What became of an item; the values of the label "outcome" of PREFIX_batched_items_total.
enum class BatchOutcome { kOk, kFailed, kExpired, kRejected, kDropped, kCancelled };
inline constexpr int kBatchOutcomeCount = 6;

/// The status that the callback of an item gets whose outcome is neither kOk nor kFailed.
absl::Status OutcomeStatus(BatchOutcome outcome, const BatchingOptions& options);

/// The instruments of one batcher. Thread-safe; the Metrics must outlive it.
class BatchingMetrics {
 public:
  BatchingMetrics(Metrics& metrics, const BatchingOptions& options);

  /// `items` wait now.
  void SetQueueLength(size_t items) { queue_length_.Set(static_cast<double>(items)); }
  /// An item left the queue for a batch after `wait`.
  void CountWait(absl::Duration wait) { wait_.Observe(absl::ToDoubleSeconds(wait)); }
  /// A batch of `items` ran for `run`.
  void CountBatch(size_t items, absl::Duration run);
  /// An item was answered.
  void CountOutcome(BatchOutcome outcome) { outcomes_[static_cast<int>(outcome)]->Add(); }

 private:
  Gauge& queue_length_;
  Histogram& wait_;
  Histogram& batch_items_;
  Histogram& run_;
  Counter* outcomes_[kBatchOutcomeCount];
};

}  // namespace aislewatch
