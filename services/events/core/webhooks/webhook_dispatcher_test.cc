#include "services/events/core/webhooks/webhook_dispatcher.h"

#include <map>
#include <memory>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/events/core/webhooks/webhook_book.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

// A ledger in memory, on the same clock as the dispatcher.
class FakeLedger : public WebhookStore {
 public:
  explicit FakeLedger(Clock& clock) : clock_(clock) {}

  void Add(const std::string& webhook_id, const std::string& delivery_id) {
    absl::MutexLock lock(&mutex_);
    Row row;
    row.due.webhook_id = webhook_id;
    row.due.delivery_id = delivery_id;
    row.due.url = "https://" + webhook_id;
    row.due.secret = "whsec_x";
    row.due.secret_fault = secret_faults_[webhook_id];
    if (!row.due.secret_fault.empty()) row.due.secret.clear();
    row.due.occurrence.review = Review{};
    row.next = row.since = clock_.Now();
    rows_.push_back(row);
  }
  // The secret of the webhook, in what is added from now on, cannot be read.
  void FailSecret(const std::string& webhook_id, const std::string& fault) {
    absl::MutexLock lock(&mutex_);
    secret_faults_[webhook_id] = fault;
    stored_.secret.clear();
    stored_.secret_fault = fault;
  }
  // Blocks until Finish was called for the delivery `times` times; gives the last outcome.
  DeliveryOutcome Await(const std::string& delivery_id, uint32_t times = 1) {
    absl::MutexLock lock(&mutex_);
    const auto done = [&] { return finishes_[delivery_id] >= times; };
    mutex_.Await(absl::Condition(&done));
    return outcomes_[delivery_id];
  }
  // Whether Finish was called for the delivery `times` times, within so much real time.
  bool FinishedWithin(const std::string& delivery_id, uint32_t times, absl::Duration wait) {
    absl::MutexLock lock(&mutex_);
    const auto done = [&] { return finishes_[delivery_id] >= times; };
    return mutex_.AwaitWithTimeout(absl::Condition(&done), wait);
  }
  void FailFinishes(int times) {
    absl::MutexLock lock(&mutex_);
    failing_finishes_ = times;
  }
  bool Finished(const std::string& delivery_id) {
    absl::MutexLock lock(&mutex_);
    return finishes_.count(delivery_id) > 0;
  }
  absl::Time Next(const std::string& delivery_id) {
    absl::MutexLock lock(&mutex_);
    for (const Row& row : rows_) {
      if (row.due.delivery_id == delivery_id) return row.next;
    }
    return absl::InfinitePast();
  }

  absl::StatusOr<std::vector<DueDelivery>> Claim(const ClaimRequest& request) override {
    absl::MutexLock lock(&mutex_);
    std::set<std::string> busy(request.busy.begin(), request.busy.end());
    std::vector<DueDelivery> claimed;
    int failing = 0;
    for (Row& row : rows_) {
      const bool fails = failing_.count(row.due.webhook_id) > 0;
      if (row.done || row.next > clock_.Now() || busy.count(row.due.webhook_id) > 0) continue;
      if (static_cast<int>(claimed.size()) == request.most) break;
      if (fails && ++failing > request.most_failing) continue;
      busy.insert(row.due.webhook_id);
      row.next = clock_.Now() + request.lease;
      ++row.due.attempts;
      row.due.age = clock_.Now() - row.since;
      row.due.failing = fails;
      claimed.push_back(row.due);
    }
    return claimed;
  }
  absl::Status Finish(const DueDelivery& delivery, const DeliveryOutcome& outcome) override {
    absl::MutexLock lock(&mutex_);
    if (failing_finishes_ > 0) {
      --failing_finishes_;
      return absl::UnavailableError("the database is away");
    }
    for (Row& row : rows_) {
      if (row.due.delivery_id != delivery.delivery_id) continue;
      row.done = outcome.state != DeliveryState::kWaiting;
      row.next = clock_.Now() + outcome.retry_in;
    }
    outcome.error.empty() ? (void)failing_.erase(delivery.webhook_id)
                          : (void)failing_.insert(delivery.webhook_id);
    ++finishes_[delivery.delivery_id];
    outcomes_[delivery.delivery_id] = outcome;
    return absl::OkStatus();
  }

  absl::StatusOr<Webhook> Create(const WebhookWithSecret& webhook, size_t) override {
    stored_ = webhook;
    return webhook.webhook;
  }
  absl::StatusOr<WebhookWithSecret> Get(const std::string&) override { return stored_; }
  absl::StatusOr<Webhook> Update(const Webhook& webhook) override { return webhook; }
  absl::Status Delete(const std::string&) override { return absl::OkStatus(); }
  absl::StatusOr<std::vector<Webhook>> List() override { return std::vector<Webhook>(); }
  absl::StatusOr<std::vector<Delivery>> ListDeliveries(const std::string& webhook_id, DeliveryState,
                                                       const std::optional<DeliveryPosition>& after,
                                                       size_t limit) override {
    std::vector<Delivery> all;
    for (int i = after.has_value() ? 2 : 0; i < 3 && all.size() < limit; ++i) {
      Delivery delivery;
      delivery.delivery_id = absl::StrCat("3f0c1d9e-0000-4000-8000-00000000000", i);
      delivery.webhook_id = webhook_id;
      all.push_back(delivery);
    }
    return all;
  }
  absl::Status Retry(const std::string&) override { return absl::OkStatus(); }

 private:
  struct Row {
    DueDelivery due;
    absl::Time next, since;
    bool done = false;
  };
  Clock& clock_;
  WebhookWithSecret stored_;
  absl::Mutex mutex_;
  std::vector<Row> rows_;
  std::map<std::string, std::string> secret_faults_;
  std::set<std::string> failing_;
  std::map<std::string, uint32_t> finishes_;
  std::map<std::string, DeliveryOutcome> outcomes_;
  int failing_finishes_ = 0;
};

// Answers what it was told, per URL; a URL that hangs answers only when cancelled.
class FakeReceivers : public WebhookTransport {
 public:
  void Answer(const std::string& url, int status) {
    absl::MutexLock lock(&mutex_);
    answers_[url] = status;
  }
  void Hang(const std::string& url) { Answer(url, kHangs); }
  std::vector<HttpRequest> Requests(const std::string& url) {
    absl::MutexLock lock(&mutex_);
    return requests_[url];
  }
  void AwaitRequests(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return count_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  HttpAnswer Post(const HttpRequest& request) override {
    absl::MutexLock lock(&mutex_);
    requests_[request.url].push_back(request);
    ++count_;
    const auto decided = [&] { return cancelled_ || answers_[request.url] != kHangs; };
    mutex_.Await(absl::Condition(&decided));
    if (cancelled_) return {0, "cancelled"};
    const int status = answers_[request.url];
    return {status == 0 ? 200 : status, ""};
  }
  void Cancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
  }

 private:
  static constexpr int kHangs = -1;
  absl::Mutex mutex_;
  bool cancelled_ = false;
  size_t count_ = 0;
  std::map<std::string, int> answers_;
  std::map<std::string, std::vector<HttpRequest>> requests_;
};

class WebhookDispatcherTest : public ::testing::Test {
 protected:
  void Start(WebhookDispatcher::Options options = {}) {
    dispatcher_ = std::make_unique<WebhookDispatcher>(
        options, ledger_, receivers_,
        [](const Occurrence&) -> absl::StatusOr<std::string> { return "{}"; }, signal_, metrics_,
        clock_);
  }
  double Tries(const char* result) {
    return metrics_.Value("aislewatch_events_webhook_tries_total", {{"result", result}});
  }

  FakeClock clock_{absl::FromUnixSeconds(1772625600)};
  FakeLedger ledger_{clock_};
  FakeReceivers receivers_;
  ChangeSignal signal_;
  FakeMetrics metrics_;
  std::unique_ptr<WebhookDispatcher> dispatcher_;
};

TEST_F(WebhookDispatcherTest, SendsWhatIsDueSignedAndInOrder) {
  for (const char* id : {"d1", "d2", "d3"}) ledger_.Add("shop", id);
  Start();
  EXPECT_EQ(ledger_.Await("d3").state, DeliveryState::kDelivered);
  const auto requests = receivers_.Requests("https://shop");
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_THAT(requests[0].body, HasSubstr("\"id\":\"d1\""));
  EXPECT_THAT(requests[2].body, HasSubstr("\"id\":\"d3\""));
  EXPECT_THAT(requests[0].headers,
              testing::Contains("Aislewatch-Signature: " +
                                SignatureHeader("whsec_x", clock_.Now(), requests[0].body)));
  dispatcher_->Stop(clock_.Now());
  EXPECT_EQ(Tries("delivered"), 3);
  EXPECT_EQ(metrics_.Value("aislewatch_events_webhook_lag_seconds"), 3);
}

TEST_F(WebhookDispatcherTest, TakesWhatAChangeBringsWithoutWaitingForThePoll) {
  Start();
  ledger_.Add("shop", "d1");
  signal_.Notify();
  EXPECT_EQ(ledger_.Await("d1").state, DeliveryState::kDelivered);
}

TEST_F(WebhookDispatcherTest, TriesAgainLaterAndGivesUpAfterADay) {
  receivers_.Answer("https://shop", 503);
  ledger_.Add("shop", "d1");
  Start();
  DeliveryOutcome outcome = ledger_.Await("d1", 1);
  EXPECT_EQ(outcome.state, DeliveryState::kWaiting);
  EXPECT_EQ(outcome.status, 503);
  uint32_t tries = 1;
  const absl::Time begin = clock_.Now();
  while (outcome.state == DeliveryState::kWaiting) {
    ASSERT_LT(tries, 100u);
    clock_.Advance(std::max(ledger_.Next("d1") - clock_.Now(), absl::Seconds(2)));
    // A dispatcher that looked just before the clock moved looks again an interval later.
    while (!ledger_.FinishedWithin("d1", tries + 1, absl::Milliseconds(20))) {
      clock_.Advance(absl::Seconds(1));
    }
    outcome = ledger_.Await("d1", ++tries);
  }
  EXPECT_EQ(outcome.state, DeliveryState::kDead);
  EXPECT_GT(clock_.Now() - begin, absl::Hours(22));
  EXPECT_GT(tries, 20u);
  dispatcher_->Stop(clock_.Now());
  EXPECT_EQ(Tries("dead"), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_events_webhook_lag_seconds"), 0);
}

TEST_F(WebhookDispatcherTest, SendsNothingThatItCannotSignAndSaysWhy) {
  ledger_.FailSecret("sealed", "no key; give --secrets-key-file");
  ledger_.Add("sealed", "d1");
  ledger_.Add("shop", "d2");
  Start();
  EXPECT_EQ(ledger_.Await("d2").state, DeliveryState::kDelivered);
  const DeliveryOutcome outcome = ledger_.Await("d1");
  EXPECT_EQ(outcome.state, DeliveryState::kWaiting);  // Another replica may have the key.
  EXPECT_EQ(outcome.error, "no key; give --secrets-key-file");
  EXPECT_GT(outcome.retry_in, absl::ZeroDuration());
  dispatcher_->Stop(clock_.Now());
  EXPECT_EQ(Tries("failed"), 1);
  EXPECT_TRUE(receivers_.Requests("https://sealed").empty());
}

TEST_F(WebhookDispatcherTest, WhatCouldNotBeSignedForADayIsDeadWithTheReason) {
  ledger_.FailSecret("sealed", "no key; give --secrets-key-file");
  ledger_.Add("sealed", "d1");
  clock_.Advance(absl::Hours(24));
  Start();
  const DeliveryOutcome outcome = ledger_.Await("d1");
  EXPECT_EQ(outcome.state, DeliveryState::kDead);
  EXPECT_EQ(outcome.error, "no key; give --secrets-key-file");
  EXPECT_TRUE(receivers_.Requests("https://sealed").empty());
}

TEST_F(WebhookDispatcherTest, DeadReceiversHoldNobodyUp) {
  WebhookDispatcher::Options options;
  options.max_in_flight = 4;
  options.max_failing = 2;
  for (int i = 0; i < 8; ++i) {
    const std::string name = absl::StrCat("dead-", i);
    receivers_.Answer("https://" + name, 500);
    ledger_.Add(name, name);
  }
  Start(options);
  for (int i = 0; i < 8; ++i) ledger_.Await(absl::StrCat("dead-", i));
  // From now on all of them hang, as many as may.
  for (int i = 0; i < 8; ++i) receivers_.Hang(absl::StrCat("https://dead-", i));
  clock_.Advance(absl::Seconds(6));
  signal_.Notify();  // It may have looked just before the clock moved.
  receivers_.AwaitRequests(10);
  for (int i = 0; i < 20; ++i) ledger_.Add(absl::StrCat("healthy-", i), absl::StrCat("h", i));
  signal_.Notify();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ledger_.Await(absl::StrCat("h", i)).state, DeliveryState::kDelivered);
  }
}

TEST_F(WebhookDispatcherTest, WritesAResultDownOnceTheDatabaseIsBack) {
  ledger_.FailFinishes(2);
  ledger_.Add("shop", "d1");
  WebhookDispatcher::Options options;
  options.lease = absl::Hours(100'000);
  Start(options);
  receivers_.AwaitRequests(1);
  // Nobody tells when the dispatcher has begun to wait, so the clock moves until it is done.
  while (!ledger_.Finished("d1")) {
    clock_.Advance(absl::Seconds(1));
    std::this_thread::yield();
  }
  EXPECT_EQ(ledger_.Await("d1").state, DeliveryState::kDelivered);
  EXPECT_EQ(receivers_.Requests("https://shop").size(), 1u);
}

TEST_F(WebhookDispatcherTest, StopsAlsoWhileAReceiverHangs) {
  receivers_.Hang("https://shop");
  ledger_.Add("shop", "d1");
  Start();
  receivers_.AwaitRequests(1);
  dispatcher_->Stop(clock_.Now());
  EXPECT_EQ(ledger_.Await("d1").state, DeliveryState::kWaiting);
}

constexpr char kSomeId[] = "3f0c1d9e-0000-4000-8000-000000000009";

TEST_F(WebhookDispatcherTest, ABookTestsAndChecksWebhooks) {
  WebhookBook book(ledger_, receivers_, {}, clock_);
  Webhook webhook;
  webhook.url = "http://127.0.0.1/";
  const auto faults = book.Create(webhook);
  EXPECT_EQ(faults.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(faults.status().message(), HasSubstr("name"));
  EXPECT_THAT(faults.status().message(), HasSubstr("--webhooks-allow-http"));
  webhook.name = "shop";
  webhook.url = "https://shop";
  const auto created = book.Create(webhook).value();
  EXPECT_THAT(created.secret, testing::StartsWith("whsec_"));
  receivers_.Answer("https://shop", 404);
  const DeliveryOutcome outcome = book.Test(created.webhook.webhook_id).value();
  EXPECT_EQ(outcome.status, 404);
  EXPECT_NE(outcome.state, DeliveryState::kDelivered);
  EXPECT_THAT(receivers_.Requests("https://shop")[0].body, HasSubstr("aislewatch.test"));
  EXPECT_FALSE(book.Test("no uuid").ok());
  ledger_.FailSecret(created.webhook.webhook_id, "no key; give --secrets-key-file");
  EXPECT_EQ(book.Test(created.webhook.webhook_id)->error, "no key; give --secrets-key-file");
  EXPECT_EQ(receivers_.Requests("https://shop").size(), 1u);
}

TEST_F(WebhookDispatcherTest, ABookPagesThroughDeliveries) {
  WebhookBook book(ledger_, receivers_, {}, clock_);
  const auto first = book.ListDeliveries(kSomeId, DeliveryState::kUnspecified, 2, "").value();
  EXPECT_EQ(first.deliveries.size(), 2u);
  const auto rest =
      book.ListDeliveries(kSomeId, DeliveryState::kUnspecified, 2, first.next_page_token).value();
  EXPECT_EQ(rest.deliveries.size(), 1u);
  EXPECT_EQ(rest.next_page_token, "");
  EXPECT_FALSE(book.ListDeliveries(kSomeId, DeliveryState::kDead, 2, first.next_page_token).ok());
  EXPECT_FALSE(book.ListDeliveries(kSomeId, static_cast<DeliveryState>(9), 2, "").ok());
}

}  // namespace
}  // namespace aislewatch::events
