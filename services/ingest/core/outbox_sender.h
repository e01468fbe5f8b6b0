// Carries the outbox to event storage.
//
//  * In order for each incident: its transitions by number, evidence after those before it. Clips
//    have a sender of their own; where one comes before its incident it is held back.
//  * While event storage is away everything waits, with back-off, for ever.
//  * An item that event storage refuses for ever goes to the dead letters.
//  * Visits, which only add to sums, are dropped where event storage refuses them, and all of them
//  where it is
//    of a release that knows none; each is counted.
//  * An item that it fails on otherwise holds back its own incident only, with back-off.
#pragma once

#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/ingest/core/event_sink.h"
#include "services/ingest/core/outbox.h"

namespace aislewatch::ingest {

struct OutboxSenderOptions {
  /// Items read, and transitions or visits recorded, at once; 1..500.
  size_t batch = 64;
  absl::Duration backoff_min = absl::Milliseconds(200);
  absl::Duration backoff_max = absl::Seconds(10);
  /// What it carries. One sender for each lane; Flush waits for all.
  OutboxLane lane = OutboxLane::kFirst;
};

/// `aislewatch_ingest_visits_dropped_total`: visits that no sum has, by reason.
Counter& DroppedVisits(Metrics& metrics, const std::string& reason);

/// Owns one thread, which blocks in the outbox and the sink. Thread-safe.
class OutboxSender {
 public:
  /// All references must outlive it.
  OutboxSender(Outbox& outbox, EventSink& sink, OutboxSenderOptions options, Metrics& metrics,
               Clock& clock = RealClock());
  /// Waits for the call to the sink that is under way.
  ~OutboxSender();
  OutboxSender(const OutboxSender&) = delete;
  OutboxSender& operator=(const OutboxSender&) = delete;

  /// Something was appended.
  void Notify() ABSL_LOCKS_EXCLUDED(mutex_);

  /// Tries at once, then waits until the outbox is empty or `deadline` has passed on the clock.
  /// Returns whether it is empty.
  bool Flush(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class Fate { kDone, kPoison, kHold, kAway };
  struct Hold {
    absl::Duration backoff;
    absl::Time until;
  };

  static Fate Judge(const absl::Status& status);
  void Run();
  // Sends what can be sent. Returns false where event storage (or the outbox) is away.
  bool Pass();
  bool SendPage(const std::vector<OutboxItem>& page);
  bool SendTransitions(absl::Span<const OutboxItem> batch);
  bool SendVisits(absl::Span<const OutboxItem> batch);
  void Remove(std::vector<int64_t> ids);
  bool Settle(const OutboxItem& item, const absl::Status& status);
  bool Skip(const OutboxItem& item);
  absl::Time NextRetry() const;
  void ShowWaiting();

  Outbox& outbox_;
  EventSink& sink_;
  const OutboxSenderOptions options_;
  Clock& clock_;
  Gauge& pending_;
  Gauge& oldest_age_;
  Counter& sent_;
  Counter& retries_;
  Counter& buried_;
  Counter& refused_visits_;
  Counter& unknown_visits_;

  // Touched by the thread alone.
  std::map<std::string, Hold> holds_;
  // Committed, but the outbox could not remove them (a full disk refuses deletions too).
  std::set<int64_t> unremoved_;
  absl::Duration backoff_ = absl::ZeroDuration();
  bool evidence_away_ = false;  // In this pass.
  absl::Status last_error_;
  // Event storage knows no visits; said once.
  bool knows_no_visits_ = false;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool notified_ ABSL_GUARDED_BY(mutex_) = true;
  uint64_t passes_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

}  // namespace aislewatch::ingest
