#include "services/events/core/webhooks/webhook_dispatcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "services/events/core/webhooks/webhook_retry.h"

namespace aislewatch::events {
namespace {

// From an answer at once to the day after which a delivery is given up.
const std::vector<double>& LagBuckets() {
  static const auto* const buckets =
      new std::vector<double>{0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 28800, 86400};
  return *buckets;
}

}  // namespace

WebhookDispatcher::WebhookDispatcher(Options options, WebhookStore& store,
                                     WebhookTransport& transport, OccurrenceJson json,
                                     ChangeSignal& signal, Metrics& metrics, Clock& clock)
    : options_(options),
      store_(store),
      transport_(transport),
      json_(std::move(json)),
      signal_(signal),
      metrics_(metrics),
      in_flight_gauge_(metrics.GetGauge("aislewatch_events_webhooks_in_flight",
                                        "Webhook requests that wait for their receiver")),
      seconds_(metrics.GetHistogram("aislewatch_events_webhook_seconds",
                                    "Time that a receiver took to answer, or to fail",
                                    LatencyBuckets())),
      lag_(metrics.GetHistogram("aislewatch_events_webhook_lag_seconds",
                                "Age of an event when its receiver had taken it", LagBuckets())),
      clock_(clock),
      random_(std::random_device()()),
      senders_(std::make_unique<ThreadPool>(options.max_in_flight)) {
  for (const char* result : {"delivered", "failed", "dead"}) Results(result).Add(0);
  subscription_ = signal_.Subscribe([this] { Wake(); });
  taker_ = std::thread([this] { Run(); });
}

WebhookDispatcher::~WebhookDispatcher() { Stop(clock_.Now()); }

void WebhookDispatcher::Stop(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  if (taker_.joinable()) {
    signal_.Unsubscribe(subscription_);
    taker_.join();
  }
  {
    absl::MutexLock lock(&mutex_);
    while (!in_flight_.empty() && clock_.Now() < deadline) {
      clock_.WaitUntil(changed_, mutex_, deadline);
    }
    if (!in_flight_.empty()) transport_.Cancel();
  }
  senders_.reset();  // Waits for what was cancelled.
}

void WebhookDispatcher::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  changed_.SignalAll();
}

double WebhookDispatcher::Random() {
  absl::MutexLock lock(&mutex_);
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

Counter& WebhookDispatcher::Results(const char* result) {
  return metrics_.GetCounter("aislewatch_events_webhook_tries_total",
                             "Tries to deliver to webhooks by how they ended",
                             {{"result", result}});
}

void WebhookDispatcher::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time next = clock_.Now() + options_.poll_interval;
      while (!stopping_ && !woken_ && clock_.Now() < next) {
        clock_.WaitUntil(changed_, mutex_, next);
      }
      if (stopping_) return;
      woken_ = false;
    }
    Take();
  }
}

void WebhookDispatcher::Take() {
  WebhookStore::ClaimRequest request;
  request.lease = options_.lease;
  {
    absl::MutexLock lock(&mutex_);
    int failing = 0;
    for (const auto& [webhook_id, fails] : in_flight_) {
      request.busy.push_back(webhook_id);
      failing += fails ? 1 : 0;
    }
    request.most = options_.max_in_flight - static_cast<int>(in_flight_.size());
    request.most_failing = std::min(request.most, options_.max_failing - failing);
  }
  if (request.most <= 0) return;  // Whoever ends wakes us.
  auto claimed = store_.Claim(request);
  if (!claimed.ok()) return;  // The database is away, which its keeper tells.
  absl::MutexLock lock(&mutex_);
  for (DueDelivery& delivery : *claimed) {
    in_flight_[delivery.webhook_id] = delivery.failing;
    senders_->Post([this, delivery = std::move(delivery)] {
      Deliver(delivery);
      absl::MutexLock sent(&mutex_);
      in_flight_.erase(delivery.webhook_id);
      in_flight_gauge_.Set(static_cast<double>(in_flight_.size()));
      woken_ = true;  // The webhook's next one, or another webhook's, may be due.
      changed_.SignalAll();
    });
  }
  in_flight_gauge_.Set(static_cast<double>(in_flight_.size()));
}

HttpAnswer WebhookDispatcher::Send(const DueDelivery& delivery) {
  if (!delivery.secret_fault.empty()) return {0, delivery.secret_fault};
  const auto data = json_(delivery.occurrence);
  if (!data.ok()) return {0, std::string(data.status().message())};
  const absl::Time begin = clock_.Now();
  const HttpAnswer answer =
      transport_.Post(SignedRequest(delivery.url, delivery.secret, begin,
                                    CloudEvent(delivery.delivery_id, delivery.occurrence, *data)));
  seconds_.Observe(absl::ToDoubleSeconds(clock_.Now() - begin));
  return answer;
}

void WebhookDispatcher::Deliver(const DueDelivery& delivery) {
  const absl::Time begin = clock_.Now();
  const absl::Time lease_end = begin + options_.lease;
  const DeliveryOutcome outcome =
      JudgeAnswer(Send(delivery), delivery.attempts, delivery.age, Random());
  switch (outcome.state) {
    case DeliveryState::kDelivered:
      Results("delivered").Add();
      lag_.Observe(absl::ToDoubleSeconds(delivery.age + (clock_.Now() - begin)));
      break;
    case DeliveryState::kDead:
      Results("dead").Add();
      LogWarning("webhook delivery given up", {{"webhook", delivery.webhook_id},
                                               {"delivery", delivery.delivery_id},
                                               {"incident", delivery.occurrence.incident_id},
                                               {"reason", outcome.error}});
      break;
    default:
      Results("failed").Add();
  }
  WriteDown(delivery, outcome, lease_end);
}

// A result that is not written down means sending again, so it is worth some patience.
void WebhookDispatcher::WriteDown(const DueDelivery& delivery, const DeliveryOutcome& outcome,
                                  absl::Time lease_end) {
  while (true) {
    const absl::Status status = store_.Finish(delivery, outcome);
    if (status.ok()) return;
    absl::MutexLock lock(&mutex_);
    const absl::Time next = clock_.Now() + options_.finish_pause;
    if (stopping_ || next >= lease_end) {
      LogWarning("the end of a webhook delivery could not be stored; it will be tried again",
                 {{"delivery", delivery.delivery_id}, {"reason", std::string(status.message())}});
      return;
    }
    while (!stopping_ && clock_.Now() < next) clock_.WaitUntil(changed_, mutex_, next);
  }
}

}  // namespace aislewatch::events
