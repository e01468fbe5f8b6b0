#include "common/batching/batching_options.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aislewatch {
namespace {

constexpr int kMaxBatch = 1024;
constexpr size_t kMaxWorkers = 64;
constexpr int kMaxQueue = 100000;
constexpr absl::Duration kMaxDelay = absl::Seconds(10);

constexpr const char* kOutcomeNames[kBatchOutcomeCount] = {"ok",       "failed",  "expired",
                                                           "rejected", "dropped", "cancelled"};

const std::vector<double>& BatchSizeBuckets() {
  static const auto* const buckets =
      new std::vector<double>{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256};
  return *buckets;
}

}  // namespace

absl::Status CheckBatchingOptions(const BatchingOptions& options) {
  std::vector<std::string> faults;
  if (options.max_batch < 1 || options.max_batch > kMaxBatch) {
    faults.push_back(absl::StrCat("max_batch ", options.max_batch, " must be 1..", kMaxBatch));
  }
  if (options.max_delay < absl::ZeroDuration() || options.max_delay > kMaxDelay) {
    faults.push_back(absl::StrCat("max_delay ", absl::FormatDuration(options.max_delay),
                                  " must be 0s..", absl::FormatDuration(kMaxDelay)));
  }
  if (options.queue_capacity < options.max_batch || options.queue_capacity > kMaxQueue) {
    faults.push_back(absl::StrCat("queue_capacity ", options.queue_capacity,
                                  " must be at least max_batch and at most ", kMaxQueue));
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("batching: ", absl::StrJoin(faults, "; ")));
}

absl::Status CheckBatchWorkers(size_t workers) {
  if (workers >= 1 && workers <= kMaxWorkers) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("batching: ", workers, " inference threads; must be 1..", kMaxWorkers));
}

absl::Status OutcomeStatus(BatchOutcome outcome, const BatchingOptions& options) {
  switch (outcome) {
    case BatchOutcome::kExpired:
      return absl::DeadlineExceededError("expired while it waited for inference");
    case BatchOutcome::kRejected:
      return absl::ResourceExhaustedError(absl::StrCat("the inference queue of ",
          options.queue_capacity, " items is full; send less or add a replica"));
    case BatchOutcome::kDropped:
      return absl::ResourceExhaustedError("dropped from the full inference queue for a newer item");
    case BatchOutcome::kCancelled:
      return absl::CancelledError("inference is shutting down");
    case BatchOutcome::kOk:
    case BatchOutcome::kFailed:
      break;
  }
  return absl::InternalError("the batcher has no status for this outcome");
}

BatchingMetrics::BatchingMetrics(Metrics& metrics, const BatchingOptions& options)
    : queue_length_(metrics.GetGauge(options.metrics_prefix + "_queue_items",
                                     "Items that wait for a batch.", options.metrics_labels)),
      wait_(metrics.GetHistogram(options.metrics_prefix + "_queue_wait_seconds",
                                 "Time from taking an item up to the start of its batch.",
                                 LatencyBuckets(), options.metrics_labels)),
      batch_items_(metrics.GetHistogram(options.metrics_prefix + "_batch_items",
                                        "Items of each batch that was run.", BatchSizeBuckets(),
                                        options.metrics_labels)),
      run_(metrics.GetHistogram(options.metrics_prefix + "_batch_run_seconds",
                                "Time that the inference of a batch takes.", LatencyBuckets(),
                                options.metrics_labels)) {
  for (int i = 0; i < kBatchOutcomeCount; ++i) {
    Labels labels = options.metrics_labels;
    labels["outcome"] = kOutcomeNames[i];
    outcomes_[i] = &metrics.GetCounter(options.metrics_prefix + "_batched_items_total",
                                       "Items that left the batcher, by outcome.", labels);
  }
}

void BatchingMetrics::CountBatch(size_t items, absl::Duration run) {
  batch_items_.Observe(static_cast<double>(items));
  run_.Observe(absl::ToDoubleSeconds(run));
}

}  // namespace aislewatch
