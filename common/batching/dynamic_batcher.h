// Gathers single items of many streams into batches for a model.
//
// Why: on a GPU a batch of eight takes hardly longer than one picture, and no camera alone has
// eight pictures at once. The batcher knows nothing of RPC or of models.
#pragma once

#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/batching/batching_options.h"

namespace aislewatch {

/// Runs batches of `Item`s on threads of its own and gives each item its `Result`.
///
/// A batch starts when max_batch items wait, or when the oldest has waited max_delay, and an
/// inference thread is free; items keep their order. An item that has expired by then is not
/// inferred.
///
/// Every submitted item's callback is called exactly once, with no lock of the batcher held:
///  * a result, or the batch function's own error, from an inference thread;
///  * DEADLINE_EXCEEDED: expired while it waited, so never inferred;
///  * RESOURCE_EXHAUSTED: refused by, or dropped from, the full queue;
///  * CANCELLED: the batcher was shut down first.
/// The last three may be called inside Submit, on its caller's thread and for other callers' items
/// too: hold no lock in Submit that a callback takes. Callbacks should be short, since inference
/// waits for them, and must not call Shutdown.
///
/// Thread-safe. `clock` and `metrics` must outlive the batcher.
template <typename Item, typename Result>
class DynamicBatcher {
 public:
  using Options = BatchingOptions;
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Result>) &&>;
  /// Infers 1..max_batch items, which it may move from; one result per item in their order. An
  /// error is every item's error. Must not throw.
  using BatchFunction = absl::AnyInvocable<absl::StatusOr<std::vector<Result>>(absl::Span<Item>)>;

  /// Starts one inference thread per function of `workers` (1..64). A function is only ever called
  /// from its own thread, so it needs no locks of its own; it blocks for the inference.
  static absl::StatusOr<std::unique_ptr<DynamicBatcher>> Create(const Options& options,
                                                                std::vector<BatchFunction> workers,
                                                                Clock& clock, Metrics& metrics);

  /// Shuts down.
  ~DynamicBatcher() { Shutdown(); }
  DynamicBatcher(const DynamicBatcher&) = delete;
  DynamicBatcher& operator=(const DynamicBatcher&) = delete;

  /// Takes an item that is not worth inferring from `expire_time` on (InfiniteFuture: always worth
  /// it). Never blocks on inference.
  void Submit(Item item, absl::Time expire_time, Callback done);

  /// Items that wait now.
  size_t queue_length() const {
    absl::MutexLock lock(&mutex_);
    return queue_.size();
  }

  /// Takes no more, cancels what waits, lets running batches finish and joins the threads.
  /// Idempotent; every call returns only when no callback can come any more.
  void Shutdown();

 private:
  struct Entry {
    Item item;
    absl::Time expire_time;
    absl::Time submit_time;
    Callback done;
  };
  using Entries = std::vector<Entry>;
  struct Take {
    Entries batch;
    Entries expired;
  };

  DynamicBatcher(const Options& options, Clock& clock, Metrics& metrics)
      : options_(options), clock_(clock), metrics_(metrics, options) {}

  void WorkerLoop(BatchFunction& run);
  // Waits for the next batch; nothing when the batcher shuts down.
  std::optional<Take> TakeBatch();
  void RunBatch(BatchFunction& run, Entries batch);
  Entries RemoveExpired(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Full() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return queue_.size() >= static_cast<size_t>(options_.queue_capacity);
  }
  // Gives every entry the error of `outcome`. Call it without locks.
  void Answer(Entries entries, BatchOutcome outcome);

  const Options options_;
  Clock& clock_;
  BatchingMetrics metrics_;

  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Entry> queue_ ABSL_GUARDED_BY(mutex_);
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
};

template <typename Item, typename Result>
absl::StatusOr<std::unique_ptr<DynamicBatcher<Item, Result>>> DynamicBatcher<Item, Result>::Create(
    const Options& options, std::vector<BatchFunction> workers, Clock& clock, Metrics& metrics) {
  if (absl::Status s = CheckBatchingOptions(options); !s.ok()) return s;
  if (absl::Status s = CheckBatchWorkers(workers.size()); !s.ok()) return s;
  auto batcher = std::unique_ptr<DynamicBatcher>(new DynamicBatcher(options, clock, metrics));
  absl::MutexLock lock(&batcher->join_mutex_);
  for (BatchFunction& run : workers) {
    batcher->threads_.emplace_back(
        [self = batcher.get(), run = std::move(run)]() mutable { self->WorkerLoop(run); });
  }
  return batcher;
}

template <typename Item, typename Result>
void DynamicBatcher<Item, Result>::Submit(Item item, absl::Time expire_time, Callback done) {
  const absl::Time now = clock_.Now();
  Entry entry{std::move(item), expire_time, now, std::move(done)};
  Entries expired, unlucky;
  BatchOutcome why = BatchOutcome::kRejected;
  {
    absl::MutexLock lock(&mutex_);
    if (Full()) expired = RemoveExpired(now);
    if (shut_down_) {
      why = BatchOutcome::kCancelled;
      unlucky.push_back(std::move(entry));
    } else if (!Full()) {
      queue_.push_back(std::move(entry));
    } else if (options_.overflow == OverflowPolicy::kReject) {
      unlucky.push_back(std::move(entry));
    } else {
      why = BatchOutcome::kDropped;
      unlucky.push_back(std::move(queue_.front()));
      queue_.pop_front();
      queue_.push_back(std::move(entry));
    }
    metrics_.SetQueueLength(queue_.size());
    changed_.Signal();
  }
  Answer(std::move(expired), BatchOutcome::kExpired);
  Answer(std::move(unlucky), why);
}

template <typename Item, typename Result>
void DynamicBatcher<Item, Result>::Shutdown() {
  absl::MutexLock join_lock(&join_mutex_);  // A second caller waits here until the first is done.
  Entries waiting;
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(shut_down_, true)) return;  // The metrics may be gone by then.
    waiting.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
    queue_.clear();
    metrics_.SetQueueLength(0);
    changed_.SignalAll();
  }
  Answer(std::move(waiting), BatchOutcome::kCancelled);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

template <typename Item, typename Result>
void DynamicBatcher<Item, Result>::WorkerLoop(BatchFunction& run) {
  while (std::optional<Take> take = TakeBatch()) {
    Answer(std::move(take->expired), BatchOutcome::kExpired);
    if (!take->batch.empty()) RunBatch(run, std::move(take->batch));
  }
}

template <typename Item, typename Result>
auto DynamicBatcher<Item, Result>::TakeBatch() -> std::optional<Take> {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    if (shut_down_) return std::nullopt;
    if (queue_.size() >= static_cast<size_t>(options_.max_batch)) break;
    if (queue_.empty()) {
      changed_.Wait(&mutex_);
      continue;
    }
    const absl::Time start = queue_.front().submit_time + options_.max_delay;
    if (clock_.Now() >= start) break;
    clock_.WaitUntil(changed_, mutex_, start);
  }
  const absl::Time now = clock_.Now();
  Take take;
  take.expired = RemoveExpired(now);
  while (!queue_.empty() && take.batch.size() < static_cast<size_t>(options_.max_batch)) {
    metrics_.CountWait(now - queue_.front().submit_time);
    take.batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  metrics_.SetQueueLength(queue_.size());
  if (!queue_.empty()) changed_.Signal();  // Another worker may sleep without a deadline.
  return take;
}

template <typename Item, typename Result>
void DynamicBatcher<Item, Result>::RunBatch(BatchFunction& run, Entries batch) {
  std::vector<Item> items;
  items.reserve(batch.size());
  for (Entry& entry : batch) items.push_back(std::move(entry.item));
  const absl::Time start = clock_.Now();
  absl::StatusOr<std::vector<Result>> results = run(absl::MakeSpan(items));
  metrics_.CountBatch(batch.size(), clock_.Now() - start);
  if (results.ok() && results->size() != batch.size()) {
    results = absl::InternalError(absl::StrCat("the model gave ", results->size(), " results for ",
                                               batch.size(), " items"));
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    metrics_.CountOutcome(results.ok() ? BatchOutcome::kOk : BatchOutcome::kFailed);
    if (results.ok()) {
      std::move(batch[i].done)(std::move((*results)[i]));
    } else {
      std::move(batch[i].done)(results.status());
    }
  }
}

template <typename Item, typename Result>
auto DynamicBatcher<Item, Result>::RemoveExpired(absl::Time now) -> Entries {
  Entries expired;
  std::deque<Entry> kept;
  for (Entry& entry : queue_) {
    if (entry.expire_time <= now) {
      expired.push_back(std::move(entry));
    } else {
      kept.push_back(std::move(entry));
    }
  }
  queue_ = std::move(kept);
  return expired;
}

template <typename Item, typename Result>
void DynamicBatcher<Item, Result>::Answer(Entries entries, BatchOutcome outcome) {
  for (Entry& entry : entries) {
    metrics_.CountOutcome(outcome);
    std::move(entry.done)(OutcomeStatus(outcome, options_));
  }
}

}  // namespace aislewatch
