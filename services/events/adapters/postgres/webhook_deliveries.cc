// The part of PostgresWebhookStore that reads and works off the ledger.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/event_rows.h"
#include "services/events/adapters/postgres/webhook_secrets.h"
#include "services/events/adapters/postgres/webhook_store.h"

namespace aislewatch::events {
namespace {

Delivery ReadDelivery(const pqxx::row& row) {
  Delivery delivery;
  delivery.delivery_id = ReadText(row[0]);
  delivery.webhook_id = ReadText(row[1]);
  delivery.incident_id = ReadText(row[2]);
  delivery.transition_kind = static_cast<TransitionKind>(ReadInt(row[3]));
  delivery.state = static_cast<DeliveryState>(ReadInt(row[4]));
  delivery.attempts = static_cast<uint32_t>(ReadInt(row[5]));
  delivery.last_status = static_cast<int>(ReadInt(row[6]));
  delivery.last_error = ReadText(row[7]);
  delivery.create_time = ReadTime(row[8]).value_or(absl::UnixEpoch());
  if (delivery.state == DeliveryState::kWaiting) delivery.next_attempt_time = ReadTime(row[9]);
  return delivery;
}

constexpr int kDueReviewColumn = 14;
constexpr int kDueReviewStateColumn = kDueReviewColumn + 6;
constexpr int kDueSealedColumn = kDueReviewStateColumn + 1;

std::string SelectDue() {
  return absl::StrCat(
      "SELECT d.delivery_id, d.webhook_id, w.url, w.secret, d.attempts,"
      " (extract(epoch from clock_timestamp() - d.since_time) * 1000000)::bigint,"
      " coalesce(w.last_error, w.sealed_last_error) <> '', d.incident_id, k.store_id, k.camera_id, "
      "t.number, t.kind, ",
      MicrosOf("t.transition_time"), ", t.content, ", ReviewColumns("r"),
      ", d.review_state, w.sealed_secret"
      " FROM webhook_deliveries d JOIN webhooks w USING (webhook_id)"
      " JOIN incident_keys k ON k.incident_id = d.incident_id"
      " LEFT JOIN incident_transitions t ON t.incident_id = d.incident_id"
      "   AND t.number = d.transition_number AND t.opened_time = d.opened_time"
      " LEFT JOIN reviews r ON r.review_id = d.review_id"
      " WHERE d.delivery_id = ANY ($1::uuid[]) ORDER BY d.sequence");
}

DueDelivery ReadDue(const pqxx::row& row, const SecretBox* secrets) {
  DueDelivery due;
  due.delivery_id = ReadText(row[0]);
  due.webhook_id = ReadText(row[1]);
  due.url = ReadText(row[2]);
  WebhookSecret secret = ReadWebhookSecret(
      due.webhook_id, {ReadText(row[3]), ReadText(row[kDueSealedColumn])}, secrets);
  due.secret = std::move(secret.value);
  due.secret_fault = std::move(secret.fault);
  due.attempts = static_cast<uint32_t>(ReadInt(row[4]));
  due.age = absl::Microseconds(ReadInt(row[5]));
  due.failing = ReadBool(row[6]);
  due.occurrence.incident_id = ReadText(row[7]);
  due.occurrence.store_id = ReadText(row[8]);
  due.occurrence.camera_id = ReadText(row[9]);
  if (!row[10].is_null()) {
    Transition transition;
    transition.number = static_cast<uint32_t>(ReadInt(row[10]));
    transition.kind = static_cast<TransitionKind>(ReadInt(row[11]));
    transition.time = ReadTime(row[12]);
    transition.incident.incident_id = due.occurrence.incident_id;
    transition.incident.content = ReadText(row[13]);
    transition.incident.transition_number = transition.number;
    transition.incident.review_state =
        static_cast<ReviewState>(ReadInt(row[kDueReviewStateColumn]));
    due.occurrence.transition = std::move(transition);
  }
  if (!row[kDueReviewColumn].is_null()) {
    due.occurrence.review = ReadReview(row, kDueReviewColumn);
  }
  return due;
}

// Takes the ids of at most `limit` deliveries of webhooks that fail, or of those that do not.
void ClaimIds(Transaction& transaction, const WebhookStore::ClaimRequest& request, bool failing,
              int limit, std::vector<std::string>& ids) {
  // The lateral part locks at most one row of each webhook; a row that another replica takes at
  // this moment is skipped.
  static const Statement claim{
      "delivery_claim",
      "UPDATE webhook_deliveries d SET attempts = d.attempts + 1, leased = true,"
      "   next_attempt_time = clock_timestamp() + $4::bigint * interval '1 microsecond'"
      " FROM (SELECT first.delivery_id FROM webhooks w CROSS JOIN LATERAL ("
      "     SELECT delivery_id FROM webhook_deliveries"
      "     WHERE webhook_id = w.webhook_id AND state = 1"
      "       AND next_attempt_time <= clock_timestamp()"
      "     ORDER BY next_attempt_time, sequence LIMIT 1 FOR UPDATE SKIP LOCKED) AS first"
      "   WHERE w.enabled AND (coalesce(w.last_error, w.sealed_last_error) <> '') = $1"
      "     AND NOT w.webhook_id = ANY ($2::uuid[])"
      "   LIMIT $3) AS due"
      " WHERE d.delivery_id = due.delivery_id RETURNING d.delivery_id"};
  if (limit <= 0) return;
  for (const auto& row :
       transaction.Run(claim, Params()
                                  .Bool(failing)
                                  .Array(request.busy)
                                  .Int(limit)
                                  .Int(absl::ToInt64Microseconds(request.lease)))) {
    ids.push_back(ReadText(row[0]));
  }
}

}  // namespace

absl::StatusOr<std::vector<Delivery>> PostgresWebhookStore::ListDeliveries(
    const std::string& webhook_id, DeliveryState state,
    const std::optional<DeliveryPosition>& after, size_t limit) {
  static const Statement exists{"delivery_webhook", "SELECT 1 FROM webhooks WHERE webhook_id = $1"};
  static const Statement list{
      "delivery_list",
      absl::StrCat("SELECT delivery_id, webhook_id, incident_id, transition_kind, state, attempts,"
                   "   last_status, last_error, ",
                   MicrosOf("create_time"), ", ", MicrosOf("next_attempt_time"),
                   " FROM webhook_deliveries WHERE webhook_id = $1"
                   " AND ($2::smallint IS NULL OR state = $2::smallint)"
                   " AND ($3::timestamptz IS NULL"
                   "   OR (create_time, delivery_id) < ($3::timestamptz, $4::uuid))"
                   " ORDER BY create_time DESC, delivery_id DESC LIMIT $5")};
  Params params = Params().Text(webhook_id);
  state == DeliveryState::kUnspecified ? params.Null() : params.Int(Number(state));
  if (after.has_value()) {
    params.Time(after->create_time).Text(after->delivery_id);
  } else {
    params.Null().Null();
  }
  params.Int(static_cast<int64_t>(limit));
  std::vector<Delivery> deliveries;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    deliveries.clear();
    if (transaction.Run(exists, Params().Text(webhook_id)).empty()) {
      return absl::NotFoundError(absl::StrCat("there is no webhook ", webhook_id));
    }
    for (const auto& row : transaction.Run(list, params)) deliveries.push_back(ReadDelivery(row));
    return absl::OkStatus();
  }));
  return deliveries;
}

absl::Status PostgresWebhookStore::Retry(const std::string& delivery_id) {
  static const Statement select{
      "delivery_retry_state",
      "SELECT state FROM webhook_deliveries WHERE delivery_id = $1 FOR UPDATE"};
  // One that is under way stays so.
  static const Statement update{
      "delivery_retry",
      "UPDATE webhook_deliveries SET state = 1, since_time = clock_timestamp(), finish_time = NULL,"
      "   attempts = CASE WHEN state = 3 THEN 0 ELSE attempts END,"
      "   next_attempt_time = CASE WHEN leased AND next_attempt_time > clock_timestamp()"
      "     THEN next_attempt_time ELSE clock_timestamp() END"
      " WHERE delivery_id = $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    const Params id = Params().Text(delivery_id);
    const auto rows = transaction.Run(select, id);
    if (rows.empty()) {
      return absl::NotFoundError(absl::StrCat("there is no delivery ", delivery_id));
    }
    if (static_cast<DeliveryState>(ReadInt(rows[0][0])) == DeliveryState::kDelivered) {
      return absl::FailedPreconditionError(
          absl::StrCat("delivery ", delivery_id, " has been delivered"));
    }
    transaction.Run(update, id);
    NotifyWatchers(transaction);  // Dispatchers listen, too.
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<DueDelivery>> PostgresWebhookStore::Claim(const ClaimRequest& request) {
  static const Statement select{"delivery_due", SelectDue()};
  std::vector<DueDelivery> due;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    due.clear();
    std::vector<std::string> ids;
    ClaimIds(transaction, request, false, request.most, ids);
    ClaimIds(transaction, request, true,
             std::min(request.most_failing, request.most - static_cast<int>(ids.size())), ids);
    if (ids.empty()) return absl::OkStatus();
    for (const auto& row : transaction.Run(select, Params().Array(ids))) {
      due.push_back(ReadDue(row, secrets_));
    }
    return absl::OkStatus();
  }));
  return due;
}

absl::Status PostgresWebhookStore::Finish(const DueDelivery& delivery,
                                          const DeliveryOutcome& outcome) {
  static const Statement finish{
      "delivery_finish",
      "UPDATE webhook_deliveries SET state = $2, last_status = $3, last_error = $4, leased = false,"
      "   next_attempt_time = clock_timestamp() + $5::bigint * interval '1 microsecond',"
      "   finish_time = CASE WHEN $2 = 1 THEN NULL ELSE clock_timestamp() END"
      " WHERE delivery_id = $1 AND state <> 2 AND (attempts = $6 OR $2 = 2)"};
  static const Statement webhook{
      "delivery_finish_webhook",
      "UPDATE webhooks SET last_error = CASE WHEN last_error IS NOT NULL THEN $2::text END,"
      "   sealed_last_error = CASE WHEN last_error IS NULL THEN $2::text ELSE '' END"
      " WHERE webhook_id = $1 AND coalesce(last_error, sealed_last_error) <> $2"};
  return pool_.Run([&](Transaction& transaction) {
    transaction.Run(finish, Params()
                                .Text(delivery.delivery_id)
                                .Int(Number(outcome.state))
                                .Int(outcome.status)
                                .Text(outcome.error)
                                .Int(absl::ToInt64Microseconds(outcome.retry_in))
                                .Int(delivery.attempts));
    transaction.Run(webhook, Params().Text(delivery.webhook_id).Text(outcome.error));
    return absl::OkStatus();
  });
}

}  // namespace aislewatch::events
