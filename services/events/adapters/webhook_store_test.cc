// The ledger of webhook deliveries on a real database.
#include "services/events/adapters/postgres/webhook_store.h"

#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

class WebhookStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    events_ = std::make_unique<PostgresEventStore>(*pool_);
    store_ = std::make_unique<PostgresWebhookStore>(*pool_);
  }
  std::string AddWebhook(const std::string& name, IncidentFilter filter = {}, bool enabled = true) {
    WebhookWithSecret webhook;
    webhook.webhook.webhook_id = NewUuid();
    webhook.webhook.name = name;
    webhook.webhook.url = "https://" + name + ".example/";
    webhook.webhook.filter = std::move(filter);
    webhook.webhook.enabled = enabled;
    webhook.secret = "whsec_" + name;
    EXPECT_TRUE(store_->Create(webhook, 100).ok());
    return webhook.webhook.webhook_id;
  }
  std::vector<DueDelivery> Claim(std::vector<std::string> busy = {}, int most = 16,
                                 int most_failing = 8) {
    return store_->Claim({std::move(busy), most, most_failing, absl::Minutes(1)}).value();
  }
  // What waits or is done for a webhook, oldest first.
  std::vector<Delivery> Deliveries(const std::string& webhook_id) {
    auto list =
        store_->ListDeliveries(webhook_id, DeliveryState::kUnspecified, std::nullopt, 100).value();
    std::reverse(list.begin(), list.end());
    return list;
  }
  void Finish(const DueDelivery& due, DeliveryState state, const std::string& error = "",
              absl::Duration retry_in = absl::ZeroDuration()) {
    ASSERT_TRUE(store_->Finish(due, {state, retry_in, error.empty() ? 200 : 503, error}).ok());
  }
  void Review(const std::string& incident_id) {
    struct Review review;
    review.review_id = NewUuid();
    review.incident_id = incident_id;
    review.state = ReviewState::kConfirmed;
    review.reviewer = "ann";
    ASSERT_TRUE(events_->AddReview(review).ok());
  }

  std::unique_ptr<PostgresEventStore> events_;
  std::unique_ptr<PostgresWebhookStore> store_;
};

TEST_F(WebhookStoreTest, EntersEachTransitionAndReviewOnce) {
  const std::string webhook = AddWebhook("shop");
  const std::string id = NewUuid();
  ASSERT_TRUE(events_->Record({MakeTransition(id, 1), MakeTransition(id, 2)}).ok());
  ASSERT_TRUE(events_->Record({MakeTransition(id, 1), MakeTransition(id, 2)}).ok());
  Review(id);
  const auto deliveries = Deliveries(webhook);
  ASSERT_EQ(deliveries.size(), 3u);
  EXPECT_EQ(deliveries[0].transition_kind, TransitionKind::kOpened);
  EXPECT_EQ(deliveries[1].transition_kind, TransitionKind::kUpdated);
  EXPECT_EQ(deliveries[2].transition_kind, TransitionKind::kUnspecified);
  EXPECT_EQ(store_->List().value()[0].waiting, 3u);
}

TEST_F(WebhookStoreTest, EntersNothingOfARecordingThatFails) {
  AddWebhook("shop");
  const std::string id = NewUuid();
  ASSERT_TRUE(events_->Record({MakeTransition(id, 1)}).ok());
  Transition wrong = MakeTransition(id, 2);
  wrong.incident.camera_id = "camera-2";
  EXPECT_FALSE(events_->Record({MakeTransition(NewUuid(), 1), wrong}).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM webhook_deliveries"), "1");
}

TEST_F(WebhookStoreTest, EntersOnlyWhatTheFilterLetsThrough) {
  IncidentFilter elsewhere, critical, concealment;
  elsewhere.store_ids = {"store-2", "store-3"};
  critical.min_severity = Severity::kCritical;
  concealment.kinds = {IncidentKind::kConcealment, IncidentKind::kFight};
  concealment.camera_ids = {"camera-1"};
  const std::string other = AddWebhook("elsewhere", elsewhere);
  const std::string grave = AddWebhook("critical", critical);
  const std::string fits = AddWebhook("fits", concealment);
  const std::string off = AddWebhook("off", {}, false);
  const std::string id = NewUuid();
  ASSERT_TRUE(
      events_->Record({MakeTransition(id, 1), MakeTransition(id, 2, Severity::kCritical)}).ok());
  Review(id);
  EXPECT_EQ(Deliveries(other).size(), 0u);
  EXPECT_EQ(Deliveries(grave).size(), 2u);  // The critical step, and the review after it.
  EXPECT_EQ(Deliveries(fits).size(), 3u);
  EXPECT_EQ(Deliveries(off).size(), 0u);
  const auto stored = store_->Get(fits).value();
  EXPECT_EQ(stored.webhook.filter.kinds, concealment.kinds);
  EXPECT_EQ(stored.webhook.filter.camera_ids, concealment.camera_ids);
  EXPECT_EQ(store_->Get(grave).value().webhook.filter.min_severity, Severity::kCritical);
}

TEST_F(WebhookStoreTest, GivesOneDeliveryOfAWebhookAtATimeWithAllThatIsTold) {
  const std::string webhook = AddWebhook("shop");
  const std::string id = NewUuid();
  ASSERT_TRUE(events_->Record({MakeTransition(id, 1), MakeTransition(id, 2)}).ok());
  Review(id);
  const auto first = Claim();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].url, "https://shop.example/");
  EXPECT_EQ(first[0].secret, "whsec_shop");
  EXPECT_EQ(first[0].attempts, 1u);
  ASSERT_TRUE(first[0].occurrence.transition.has_value());
  EXPECT_EQ(first[0].occurrence.transition->number, 1u);
  EXPECT_THAT(first[0].occurrence.transition->incident.content, testing::HasSubstr(id));
  // As it was when it was recorded, whatever was said since.
  EXPECT_EQ(first[0].occurrence.transition->incident.review_state, ReviewState::kUnreviewed);
  EXPECT_TRUE(Claim({webhook}).empty());
  Finish(first[0], DeliveryState::kDelivered);
  const auto second = Claim();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].occurrence.transition->number, 2u);
  Finish(second[0], DeliveryState::kDelivered);
  const auto third = Claim();
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].occurrence.review->reviewer, "ann");
}

TEST_F(WebhookStoreTest, WhatAReplicaThatDiedHadIsTakenAgain) {
  const std::string webhook = AddWebhook("shop");
  ASSERT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
  const auto lost = Claim();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_TRUE(Claim().empty());  // Another replica finds it leased.
  Sql("UPDATE webhook_deliveries SET next_attempt_time = now() - interval '1 second' "
      "RETURNING 1");
  const auto again = Claim();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].delivery_id, lost[0].delivery_id);
  EXPECT_EQ(again[0].attempts, 2u);
  // The first one lives after all. Its failure is nobody's business now; a success is.
  Finish(lost[0], DeliveryState::kDead, "late");
  EXPECT_EQ(Deliveries(webhook)[0].state, DeliveryState::kWaiting);
  Finish(lost[0], DeliveryState::kDelivered);
  Finish(again[0], DeliveryState::kWaiting, "timed out");
  EXPECT_EQ(Deliveries(webhook)[0].state, DeliveryState::kDelivered);
}

TEST_F(WebhookStoreTest, ReplicasNeverTakeTheSameDelivery) {
  for (int i = 0; i < 20; ++i) AddWebhook(absl::StrCat("shop-", i));
  ASSERT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
  absl::Mutex mutex;
  std::multiset<std::string> taken;
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] {
      for (int round = 0; round < 8; ++round) {
        const auto claimed = store_->Claim({{}, 4, 4, absl::Minutes(1)});
        ASSERT_TRUE(claimed.ok()) << claimed.status();
        absl::MutexLock lock(&mutex);
        for (const DueDelivery& due : *claimed) taken.insert(due.delivery_id);
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(taken.size(), 20u);
  EXPECT_EQ(std::set<std::string>(taken.begin(), taken.end()).size(), 20u);
}

TEST_F(WebhookStoreTest, WebhooksThatFailHaveOnlyTheirShareOfPlaces) {
  for (int i = 0; i < 4; ++i) AddWebhook(absl::StrCat("dead-", i));
  ASSERT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
  for (const DueDelivery& due : Claim()) Finish(due, DeliveryState::kWaiting, "answered 503");
  AddWebhook("healthy");
  ASSERT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
  const auto claimed = Claim({}, 16, 2);
  EXPECT_EQ(claimed.size(), 3u);
  EXPECT_EQ(std::count_if(claimed.begin(), claimed.end(), [](auto& due) { return due.failing; }),
            2);
}

TEST_F(WebhookStoreTest, ADeadDeliveryIsPutBackByHand) {
  const std::string webhook = AddWebhook("shop");
  ASSERT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
  const auto due = Claim();
  Finish(due[0], DeliveryState::kDead, "answered 503");
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(store_->List().value()[0].dead, 1u);
  EXPECT_EQ(store_->List().value()[0].last_error, "answered 503");
  EXPECT_EQ(Deliveries(webhook)[0].last_status, 503);
  ASSERT_TRUE(store_->Retry(due[0].delivery_id).ok());
  const auto again = Claim();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].attempts, 1u);
  EXPECT_LT(again[0].age, absl::Minutes(1));
  Finish(again[0], DeliveryState::kDelivered);
  EXPECT_EQ(store_->List().value()[0].last_error, "");
  EXPECT_EQ(store_->Retry(due[0].delivery_id).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->Retry(NewUuid()).code(), absl::StatusCode::kNotFound);
}

TEST_F(WebhookStoreTest, KeepsWebhooksAndRemovesThemWithTheirDeliveries) {
  const std::string id = AddWebhook("shop");
  ASSERT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
  Webhook changed = store_->Get(id).value().webhook;
  changed.name = "renamed";
  changed.enabled = false;
  EXPECT_EQ(store_->Update(changed).value().name, "renamed");
  EXPECT_TRUE(Claim().empty());  // Not while it is disabled.
  EXPECT_EQ(store_->Get(id).value().secret, "whsec_shop");
  ASSERT_TRUE(store_->Delete(id).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM webhook_deliveries"), "0");
  EXPECT_EQ(store_->Delete(id).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Update(changed).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->ListDeliveries(id, DeliveryState::kDead, std::nullopt, 1).status().code(),
            absl::StatusCode::kNotFound);
  WebhookWithSecret one_more;
  one_more.webhook.webhook_id = NewUuid();
  EXPECT_EQ(store_->Create(one_more, 0).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(WebhookStoreTest, RecordingGoesOnWhileWebhooksComeAndGo) {
  std::atomic<bool> done = false;
  std::thread gardener([&] {
    while (!done) EXPECT_TRUE(store_->Delete(AddWebhook("brief")).ok());
  });
  for (int i = 0; i < 40; ++i) {
    const auto recorded = events_->Record({MakeTransition(NewUuid(), 1)});
    EXPECT_TRUE(recorded.ok()) << recorded.status();
  }
  done = true;
  gardener.join();
}

}  // namespace
}  // namespace aislewatch::events
