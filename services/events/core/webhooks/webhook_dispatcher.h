// Takes deliveries that are due from the ledger, sends them, and writes down how it went.
//
// Several replicas do this at once on one database: who takes a delivery has it for a lease, during
// which nobody else takes it, and no transaction is open while a receiver is waited for. Where a
// replica dies, the lease runs out and the delivery is taken again: at least once.
//
// At most one delivery of a webhook is under way here, which keeps their order as long as they
// succeed, and at most max_in_flight of all; webhooks whose last try failed have only a part of
// those places, so that dead receivers cannot keep healthy ones waiting.
//
// One thread takes, max_in_flight threads send. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "services/events/core/change_signal.h"
#include "services/events/core/webhooks/webhook_event.h"
#include "services/events/core/webhooks/webhook_stores.h"

namespace aislewatch::events {

class WebhookDispatcher {
 public:
  struct Options {
    /// >= 1.
    int max_in_flight = 16;
    /// How many of these webhooks may have whose last try failed; 1..max_in_flight.
    int max_failing = 8;
    /// Much longer than a request may take.
    absl::Duration lease = absl::Minutes(1);
    /// How often the ledger is asked for what became due without a change.
    absl::Duration poll_interval = absl::Seconds(1);
    /// Pause before a result that could not be written down is tried again.
    absl::Duration finish_pause = absl::Milliseconds(500);
  };

  /// Begins at once. What is passed must outlive the dispatcher.
  WebhookDispatcher(Options options, WebhookStore& store, WebhookTransport& transport,
                    OccurrenceJson json, ChangeSignal& signal, Metrics& metrics,
                    Clock& clock = RealClock());
  /// Stops at once.
  ~WebhookDispatcher();

  /// Takes nothing more, waits until what is under way has ended or `deadline` (of the clock) has
  /// passed, then cancels it. Idempotent; blocks.
  void Stop(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  void Take() ABSL_LOCKS_EXCLUDED(mutex_);
  void Deliver(const DueDelivery& delivery);
  HttpAnswer Send(const DueDelivery& delivery);
  void WriteDown(const DueDelivery& delivery, const DeliveryOutcome& outcome, absl::Time lease_end);
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);
  double Random() ABSL_LOCKS_EXCLUDED(mutex_);
  Counter& Results(const char* result);

  const Options options_;
  WebhookStore& store_;
  WebhookTransport& transport_;
  const OccurrenceJson json_;
  ChangeSignal& signal_;
  Metrics& metrics_;
  Gauge& in_flight_gauge_;
  Histogram& seconds_;
  Histogram& lag_;
  Clock& clock_;
  uint64_t subscription_ = 0;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = true;
  std::map<std::string, bool> in_flight_ ABSL_GUARDED_BY(mutex_);  // Webhook, whether it fails.
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<ThreadPool> senders_;
  std::thread taker_;
};

}  // namespace aislewatch::events
