// The part of PostgresWebhookStore that keeps webhooks; webhook_deliveries.cc has the rest.
#include "services/events/adapters/postgres/webhook_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/webhook_secrets.h"

namespace aislewatch::events {
namespace {

// Ids have no comma (CheckId), so lists travel as one text.
std::string WebhookColumns() {
  return absl::StrCat(
      "w.webhook_id, w.name, w.url, array_to_string(w.store_ids, ','),"
      " array_to_string(w.camera_ids, ','), array_to_string(w.kinds, ','), w.min_severity,"
      " w.enabled, ",
      MicrosOf("w.create_time"),
      ", coalesce(w.last_error, w.sealed_last_error),"
      " (SELECT count(*) FROM webhook_deliveries d"
      "   WHERE d.webhook_id = w.webhook_id AND d.state = 1),"
      " (SELECT count(*) FROM webhook_deliveries d"
      "   WHERE d.webhook_id = w.webhook_id AND d.state = 3), w.secret, w.sealed_secret");
}
constexpr int kSecretColumn = 12;
constexpr int kSealedSecretColumn = 13;

std::vector<std::string> SplitList(const std::string& text) {
  return absl::StrSplit(text, ',', absl::SkipEmpty());
}

Webhook ReadWebhook(const pqxx::row& row) {
  Webhook webhook;
  webhook.webhook_id = ReadText(row[0]);
  webhook.name = ReadText(row[1]);
  webhook.url = ReadText(row[2]);
  webhook.filter.store_ids = SplitList(ReadText(row[3]));
  webhook.filter.camera_ids = SplitList(ReadText(row[4]));
  for (const std::string& kind : SplitList(ReadText(row[5]))) {
    int number = 0;
    if (absl::SimpleAtoi(kind, &number)) {
      webhook.filter.kinds.push_back(static_cast<IncidentKind>(number));
    }
  }
  webhook.filter.min_severity = static_cast<Severity>(ReadInt(row[6]));
  webhook.enabled = ReadBool(row[7]);
  webhook.create_time = ReadTime(row[8]).value_or(absl::UnixEpoch());
  webhook.last_error = ReadText(row[9]);
  webhook.waiting = static_cast<uint32_t>(ReadInt(row[10]));
  webhook.dead = static_cast<uint32_t>(ReadInt(row[11]));
  return webhook;
}

// $1..$8.
Params WebhookParams(const Webhook& webhook) {
  Params params;
  const auto add_list = [&params](const std::vector<std::string>& values) {
    values.empty() ? params.Null() : params.Array(values);
  };
  params.Text(webhook.webhook_id).Text(webhook.name).Text(webhook.url);
  add_list(webhook.filter.store_ids);
  add_list(webhook.filter.camera_ids);
  std::vector<std::string> kinds;
  for (const IncidentKind kind : webhook.filter.kinds) kinds.push_back(absl::StrCat(Number(kind)));
  add_list(kinds);
  const int severity = Number(webhook.filter.min_severity);
  severity == 0 ? params.Null() : params.Int(severity);
  params.Bool(webhook.enabled);
  return params;
}

absl::Status NoWebhook(const std::string& webhook_id) {
  return absl::NotFoundError(absl::StrCat("there is no webhook ", webhook_id));
}

absl::StatusOr<WebhookWithSecret> Select(Transaction& transaction, const std::string& webhook_id,
                                         const SecretBox* secrets) {
  static const Statement select{
      "webhook_get",
      absl::StrCat("SELECT ", WebhookColumns(), " FROM webhooks w WHERE w.webhook_id = $1")};
  const auto rows = transaction.Run(select, Params().Text(webhook_id));
  if (rows.empty()) return NoWebhook(webhook_id);
  const WebhookSecret secret = ReadWebhookSecret(
      webhook_id, {ReadText(rows[0][kSecretColumn]), ReadText(rows[0][kSealedSecretColumn])},
      secrets);
  return WebhookWithSecret{ReadWebhook(rows[0]), secret.value, secret.fault};
}

}  // namespace

absl::StatusOr<Webhook> PostgresWebhookStore::Create(const WebhookWithSecret& webhook,
                                                     size_t most) {
  static const Statement lock{"webhook_count_lock",
                              "SELECT pg_advisory_xact_lock(hashtext('aislewatch.webhooks'))"};
  static const Statement count{"webhook_count", "SELECT count(*) FROM webhooks"};
  // last_error as in SealSecrets.
  static const Statement insert{
      "webhook_insert",
      "INSERT INTO webhooks (webhook_id, name, url, store_ids, camera_ids, kinds, min_severity,"
      "   enabled, secret, sealed_secret, last_error)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
      "   CASE WHEN $10::text IS NULL THEN '' END) ON CONFLICT DO NOTHING"};
  AW_ASSIGN_OR_RETURN(const StoredSecret secret,
                      SealWebhookSecret(webhook.webhook.webhook_id, webhook.secret, secrets_));
  Params params = WebhookParams(webhook.webhook);
  params.Text(secret.clear);
  secret.sealed.empty() ? params.Null() : params.Text(secret.sealed);
  Webhook stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    transaction.Run(lock);
    transaction.Run(insert, params);
    if (static_cast<size_t>(ReadInt(transaction.Run(count)[0][0])) > most) {
      return absl::ResourceExhaustedError(
          absl::StrCat("there are ", most, " webhooks already; remove one first"));
    }
    AW_ASSIGN_OR_RETURN(WebhookWithSecret found,
                        Select(transaction, webhook.webhook.webhook_id, secrets_));
    stored = std::move(found.webhook);
    return absl::OkStatus();
  }));
  return stored;
}

absl::StatusOr<Webhook> PostgresWebhookStore::Update(const Webhook& webhook) {
  static const Statement update{
      "webhook_update",
      "UPDATE webhooks SET name = $2, url = $3, store_ids = $4, camera_ids = $5, kinds = $6,"
      "   min_severity = $7, enabled = $8 WHERE webhook_id = $1"};
  Webhook stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    transaction.Run(update, WebhookParams(webhook));
    AW_ASSIGN_OR_RETURN(WebhookWithSecret found, Select(transaction, webhook.webhook_id, secrets_));
    stored = std::move(found.webhook);
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status PostgresWebhookStore::Delete(const std::string& webhook_id) {
  static const Statement remove{"webhook_delete", "DELETE FROM webhooks WHERE webhook_id = $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    if (transaction.Run(remove, Params().Text(webhook_id)).affected_rows() == 0) {
      return NoWebhook(webhook_id);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Webhook>> PostgresWebhookStore::List() {
  static const Statement list{
      "webhook_list",
      absl::StrCat("SELECT ", WebhookColumns(), " FROM webhooks w ORDER BY w.name, w.webhook_id")};
  std::vector<Webhook> webhooks;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    webhooks.clear();
    for (const auto& row : transaction.Run(list)) webhooks.push_back(ReadWebhook(row));
    return absl::OkStatus();
  }));
  return webhooks;
}

absl::StatusOr<WebhookWithSecret> PostgresWebhookStore::Get(const std::string& webhook_id) {
  WebhookWithSecret webhook;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    AW_ASSIGN_OR_RETURN(webhook, Select(transaction, webhook_id, secrets_));
    return absl::OkStatus();
  }));
  return webhook;
}

}  // namespace aislewatch::events
