// Also the part of PostgresWebhookStore that encrypts what is there.
#include "services/events/adapters/postgres/webhook_secrets.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/webhook_store.h"

namespace aislewatch::events {
namespace {

std::string WebhookSecretContext(const std::string& webhook_id) {
  return absl::StrCat("webhook ", webhook_id);
}

absl::StatusOr<bool> AnyInClear(Pool& pool) {
  static const Statement select{"webhook_clear_secret",
                                "SELECT EXISTS (SELECT 1 FROM webhooks WHERE secret <> '')"};
  bool any = false;
  AW_RETURN_IF_ERROR(pool.Run([&](Transaction& transaction) {
    any = ReadBool(transaction.Run(select)[0][0]);
    return absl::OkStatus();
  }));
  return any;
}

}  // namespace

absl::StatusOr<StoredSecret> SealWebhookSecret(const std::string& webhook_id,
                                               const std::string& secret,
                                               const SecretBox* secrets) {
  if (secrets == nullptr) return StoredSecret{secret, ""};
  AW_ASSIGN_OR_RETURN(std::string sealed, secrets->Seal(secret, WebhookSecretContext(webhook_id)));
  return StoredSecret{"", std::move(sealed)};
}

absl::StatusOr<std::string> OpenWebhookSecret(const std::string& webhook_id,
                                              const StoredSecret& stored,
                                              const SecretBox* secrets) {
  if (!stored.clear.empty()) return stored.clear;
  return OpenSealed(secrets, stored.sealed, WebhookSecretContext(webhook_id));
}

WebhookSecret ReadWebhookSecret(const std::string& webhook_id, const StoredSecret& stored,
                                const SecretBox* secrets) {
  auto secret = OpenWebhookSecret(webhook_id, stored, secrets);
  if (secret.ok()) return {*std::move(secret), ""};
  return {"", absl::StrCat("the webhook's secret cannot be read: ", secret.status().message(),
                           "; give event storage the right --secrets-key-file, or remove the "
                           "webhook and add it anew")};
}

absl::StatusOr<SealCounts> PostgresWebhookStore::SealSecrets() {
  static const Statement select{
      "webhook_secrets",
      "SELECT webhook_id, secret, sealed_secret FROM webhooks WHERE webhook_id::text > $1"
      " ORDER BY webhook_id::text LIMIT $2 FOR NO KEY UPDATE"};
  // From then on a program that cannot read it leaves the webhook alone (migration 10).
  static const Statement update{
      "webhook_seal",
      "UPDATE webhooks SET secret = $2, sealed_secret = $3, last_error = NULL,"
      "   sealed_last_error = coalesce(last_error, sealed_last_error) WHERE webhook_id = $1"};
  // Such a program takes a delivery and reads its webhook in two statements: not in between.
  static const Statement lock{"webhook_seal_lock",
                              "LOCK TABLE webhook_deliveries IN SHARE ROW EXCLUSIVE MODE"};
  SecretTable table{
      .select = select,
      .update = update,
      .open = [this](
                  const std::string& id,
                  const StoredSecret& stored) { return OpenWebhookSecret(id, stored, secrets_); },
      .seal = [this](const std::string& id,
                     const std::string& secret) { return SealWebhookSecret(id, secret, secrets_); },
      .is_secret = [](const std::string&) { return true; },
      .unreadable_message =
          "a webhook's secret cannot be read; give the right "
          "--secrets-key-file, or remove the webhook and add it anew",
      .id_label = "webhook"};
  AW_ASSIGN_OR_RETURN(const bool any_in_clear, AnyInClear(pool_));
  if (secrets_ != nullptr && any_in_clear) table.lock = &lock;
  AW_ASSIGN_OR_RETURN(const SealCounts counts, SealTable(pool_, secrets_, table));
  if (counts.sealed > 0) {
    LogInfo("encrypted secrets", {{"webhooks", absl::StrCat(counts.sealed)}});
  }
  if (counts.clear > 0) {
    LogWarning("secrets of webhooks are stored in clear; --secrets-key-file encrypts them",
               {{"webhooks", absl::StrCat(counts.clear)}});
  }
  return counts;
}

}  // namespace aislewatch::events
