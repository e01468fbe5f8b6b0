// Secrets of webhooks that are encrypted, on a real database.
#include "services/events/adapters/postgres/webhook_secrets.h"

#include <map>
#include <thread>

#include "gmock/gmock.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/webhook_store.h"
#include "services/events/testing/database_test.h"
#include "services/events/testing/secret_keys.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// How a program from before migration 10 takes deliveries.
constexpr char kClaimOfBefore[] =
    "UPDATE webhook_deliveries d SET attempts = d.attempts + 1, leased = true,"
    "   next_attempt_time = clock_timestamp() + interval '1 minute'"
    " FROM (SELECT first.delivery_id FROM webhooks w CROSS JOIN LATERAL ("
    "     SELECT delivery_id FROM webhook_deliveries"
    "     WHERE webhook_id = w.webhook_id AND state = 1"
    "       AND next_attempt_time <= clock_timestamp()"
    "     ORDER BY next_attempt_time, sequence LIMIT 1 FOR UPDATE SKIP LOCKED) AS first"
    "   WHERE w.enabled AND (w.last_error <> '') = %s) AS due"
    " WHERE d.delivery_id = due.delivery_id RETURNING d.webhook_id";

class WebhookSecretsTest : public DatabaseTest {
 protected:
  // Event storage with these keys; none for "".
  struct Replica {
    Replica(Pool& pool, const std::string& ids)
        : keys(ids.empty() ? nullptr : TestKeys(ids)), store(pool, keys.get()) {}

    std::string Add(const std::string& name) {
      WebhookWithSecret webhook;
      webhook.webhook.webhook_id = NewUuid();
      webhook.webhook.name = name;
      webhook.webhook.url = "https://" + name + ".example/";
      webhook.secret = "whsec_" + name;
      EXPECT_TRUE(store.Create(webhook, 100).ok());
      return webhook.webhook.webhook_id;
    }
    // What is due now, by webhook.
    std::map<std::string, DueDelivery> Claim() {
      std::map<std::string, DueDelivery> claimed;
      const auto due = store.Claim({{}, 16, 8, absl::Minutes(1)}).value();
      for (const DueDelivery& delivery : due) claimed[delivery.webhook_id] = delivery;
      return claimed;
    }
    SealCounts Seal() { return store.SealSecrets().value(); }
    std::string Secret(const std::string& id) { return store.Get(id)->secret; }
    std::string Fault(const std::string& id) { return store.Get(id)->secret_fault; }

    const std::shared_ptr<const SecretBox> keys;
    PostgresWebhookStore store;
  };

  void Record() {
    PostgresEventStore events(*pool_);
    ASSERT_TRUE(events.Record({MakeTransition(NewUuid(), 1)}).ok());
  }
  void MakeDue() {
    Sql("UPDATE webhook_deliveries SET next_attempt_time = now() - interval '1 second'"
        " RETURNING 1");
  }
  // Everything that the table has.
  std::string Table() { return Sql("SELECT json_agg(w)::text FROM webhooks w"); }
};

TEST_F(WebhookSecretsTest, SecretsAreReadableByThoseWhoSignAlone) {
  Replica events(*pool_, "a");
  const std::string id = events.Add("shop");
  EXPECT_THAT(Table(), Not(HasSubstr("whsec_")));
  EXPECT_EQ(events.Secret(id), "whsec_shop");
  Record();
  EXPECT_EQ(events.Claim().at(id).secret, "whsec_shop");
  Webhook changed = events.store.Get(id)->webhook;
  changed.name = "renamed";
  ASSERT_TRUE(events.store.Update(changed).ok());
  EXPECT_EQ(events.Secret(id), "whsec_shop");
}

TEST_F(WebhookSecretsTest, WhatWasInClearIsEncryptedOnceThereIsAKey) {
  Replica none(*pool_, "");
  const std::string shop = none.Add("shop"), till = none.Add("till");
  EXPECT_EQ(none.Seal().clear, 2);
  EXPECT_THAT(Table(), HasSubstr("whsec_shop"));
  Replica events(*pool_, "a");
  EXPECT_EQ(events.Secret(shop), "whsec_shop");  // Before it is encrypted, too.
  EXPECT_EQ(events.Seal().sealed, 2);
  EXPECT_THAT(Table(), Not(HasSubstr("whsec_")));
  EXPECT_EQ(events.Seal().sealed, 0);
  EXPECT_EQ(events.Secret(shop), "whsec_shop");
  EXPECT_EQ(events.Secret(till), "whsec_till");
}

TEST_F(WebhookSecretsTest, KeysAreRotatedWithoutAnybodyWhoCannotRead) {
  Replica before(*pool_, "a");
  const std::string id = before.Add("shop");
  Replica knows(*pool_, "ab");
  EXPECT_EQ(knows.Seal().sealed, 0);
  Replica uses(*pool_, "ba");
  EXPECT_EQ(uses.Seal().sealed, 1);
  EXPECT_EQ(knows.Secret(id), "whsec_shop");
  EXPECT_EQ(uses.Secret(id), "whsec_shop");
  Replica after(*pool_, "b");
  EXPECT_EQ(after.Seal().unreadable, 0);
  EXPECT_EQ(after.Secret(id), "whsec_shop");
}

TEST_F(WebhookSecretsTest, AWrongKeyIsToldForEachWebhookAndStopsNoOther) {
  Replica events(*pool_, "a");
  const std::string sealed = events.Add("sealed");
  Replica none(*pool_, "");
  const std::string open = none.Add("open");
  Record();
  for (const std::string ids : {"", "b"}) {
    Replica wrong(*pool_, ids);
    EXPECT_EQ(wrong.Seal().unreadable, 1);
    const auto due = wrong.Claim();
    ASSERT_EQ(due.size(), 2u);
    EXPECT_EQ(due.at(open).secret, "whsec_open");
    EXPECT_EQ(due.at(sealed).secret, "");
    EXPECT_THAT(due.at(sealed).secret_fault, HasSubstr("--secrets-key-file"));
    EXPECT_EQ(wrong.Fault(sealed), due.at(sealed).secret_fault);
    // It can be changed and listed all the same.
    ASSERT_TRUE(wrong.store.Update(wrong.store.Get(sealed)->webhook).ok());
    EXPECT_EQ(wrong.store.List()->size(), 2u);
    MakeDue();
  }
  EXPECT_EQ(events.Claim().at(sealed).secret, "whsec_sealed");
}

TEST_F(WebhookSecretsTest, ASecretOpensForItsOwnWebhookAlone) {
  Replica events(*pool_, "a");
  const std::string shop = events.Add("shop"), evil = events.Add("evil");
  Sql(
      absl::StrCat("UPDATE webhooks SET sealed_secret = (SELECT sealed_secret FROM webhooks"
                   " WHERE webhook_id = '",
                   shop, "') WHERE webhook_id = '", evil, "' RETURNING 1"));
  EXPECT_EQ(events.Secret(evil), "");
  EXPECT_THAT(events.Fault(evil), HasSubstr("changed"));
  // Nor does an empty one pass for a secret.
  Sql("UPDATE webhooks SET sealed_secret = NULL RETURNING 1");
  EXPECT_THAT(events.Fault(shop), HasSubstr("no sealed secret"));
}

TEST_F(WebhookSecretsTest, ErrorsOfTriesOutliveTheEncryption) {
  Replica none(*pool_, "");
  const std::string id = none.Add("shop");
  Record();
  DueDelivery due = none.Claim().at(id);
  ASSERT_TRUE(
      none.store.Finish(due, {DeliveryState::kWaiting, absl::ZeroDuration(), 503, "503"}).ok());
  Replica events(*pool_, "a");
  EXPECT_EQ(events.Seal().sealed, 1);
  EXPECT_EQ(events.store.Get(id)->webhook.last_error, "503");
  due = events.Claim().at(id);
  EXPECT_TRUE(due.failing);
  ASSERT_TRUE(
      events.store.Finish(due, {DeliveryState::kWaiting, absl::ZeroDuration(), 500, "500"}).ok());
  EXPECT_EQ(events.store.List()->at(0).last_error, "500");
  due = events.Claim().at(id);
  ASSERT_TRUE(
      events.store.Finish(due, {DeliveryState::kDelivered, absl::ZeroDuration(), 200, ""}).ok());
  EXPECT_EQ(events.store.List()->at(0).last_error, "");
  Record();
  EXPECT_FALSE(events.Claim().at(id).failing);
}

TEST_F(WebhookSecretsTest, AProgramFromBeforeLeavesAloneWhatItCannotSign) {
  Replica none(*pool_, "");
  const std::string open = none.Add("open");
  Replica events(*pool_, "a");
  const std::string sealed = events.Add("sealed");
  Record();
  for (const char* failing : {"false", "true"}) {
    const std::string claim = absl::StrReplaceAll(kClaimOfBefore, {{"%s", failing}});
    EXPECT_EQ(Sql(claim), failing[0] == 'f' ? open : "");
    EXPECT_EQ(Sql(claim), "");
  }
  // It ends a try that it began before the secret was encrypted.
  EXPECT_EQ(events.Seal().sealed, 1);
  Sql("UPDATE webhooks SET last_error = 'late' WHERE last_error <> 'late' RETURNING 1");
  MakeDue();
  EXPECT_EQ(Sql(absl::StrReplaceAll(kClaimOfBefore, {{"%s", "true"}})), "");
  EXPECT_EQ(events.Claim().size(), 2u);
}

TEST_F(WebhookSecretsTest, WhatAProgramFromBeforeAddsIsEncryptedLater) {
  const std::string id = NewUuid();
  Sql(absl::StrCat("INSERT INTO webhooks (webhook_id, name, url, enabled, secret) VALUES ('", id,
                   "', 'shop', 'https://shop.example/', true, 'whsec_shop') RETURNING 1"));
  Replica events(*pool_, "a");
  EXPECT_EQ(events.Secret(id), "whsec_shop");
  Record();
  EXPECT_EQ(events.Claim().at(id).secret, "whsec_shop");
  EXPECT_EQ(events.Seal().sealed, 1);
  EXPECT_THAT(Table(), Not(HasSubstr("whsec_")));
  EXPECT_EQ(events.Secret(id), "whsec_shop");
}

TEST_F(WebhookSecretsTest, ReplicasEncryptAtOnceWhileDeliveriesGoOn) {
  Replica none(*pool_, "");
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(none.Add(absl::StrCat("shop-", i)));
  Record();
  std::vector<std::thread> replicas;
  for (int i = 0; i < 3; ++i) {
    replicas.emplace_back([&] {
      Replica events(*pool_, "a");
      EXPECT_TRUE(events.store.SealSecrets().ok());
      for (const auto& [id, due] : events.Claim()) {
        EXPECT_THAT(due.secret_fault, IsEmpty());
        EXPECT_TRUE(
            events.store.Finish(due, {DeliveryState::kDelivered, absl::ZeroDuration(), 200, ""})
                .ok());
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_THAT(Table(), Not(HasSubstr("whsec_")));
  Replica events(*pool_, "a");
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(events.Secret(ids[i]), absl::StrCat("whsec_shop-", i));
  }
}

}  // namespace
}  // namespace aislewatch::events
