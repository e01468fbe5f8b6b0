#include "services/events/core/webhooks/webhook_book.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "services/events/core/faults.h"
#include "services/events/core/incident_validation.h"
#include "services/events/core/page_token.h"
#include "services/events/core/webhooks/webhook_event.h"
#include "services/events/core/webhooks/webhook_retry.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxNameLength = 128;

}  // namespace

absl::Status WebhookBook::Check(const Webhook& webhook) const {
  Faults faults;
  if (webhook.name.empty() || webhook.name.size() > kMaxNameLength ||
      webhook.name.find('\0') != std::string::npos) {
    faults.Add("name", "must be 1..128 characters");
  }
  faults.Add(CheckWebhookUrl(webhook.url, targets_));
  faults.Add(CheckFilter(webhook.filter));
  return faults.ToStatus("webhook");
}

absl::StatusOr<WebhookWithSecret> WebhookBook::Create(Webhook webhook) {
  AW_RETURN_IF_ERROR(Check(webhook));
  // Made here, not in the database, so that the store may repeat the insertion.
  webhook.webhook_id = NewUuid();
  AW_ASSIGN_OR_RETURN(std::string secret, NewWebhookSecret());
  WebhookWithSecret created{std::move(webhook), std::move(secret)};
  AW_ASSIGN_OR_RETURN(created.webhook, store_.Create(created, kMaxWebhooks));
  return created;
}

absl::StatusOr<Webhook> WebhookBook::Update(const Webhook& webhook) {
  AW_RETURN_IF_ERROR(CheckUuid(webhook.webhook_id, "webhook_id"));
  AW_RETURN_IF_ERROR(Check(webhook));
  return store_.Update(webhook);
}

absl::Status WebhookBook::Delete(const std::string& webhook_id) {
  AW_RETURN_IF_ERROR(CheckUuid(webhook_id, "webhook_id"));
  return store_.Delete(webhook_id);
}

absl::StatusOr<DeliveryOutcome> WebhookBook::Test(const std::string& webhook_id) {
  AW_RETURN_IF_ERROR(CheckUuid(webhook_id, "webhook_id"));
  AW_ASSIGN_OR_RETURN(const WebhookWithSecret target, store_.Get(webhook_id));
  const absl::Time now = clock_.Now();
  const HttpAnswer answer = target.secret_fault.empty()
                                ? transport_.Post(SignedRequest(target.webhook.url, target.secret,
                                                                now, TestEvent(NewUuid(), now)))
                                : HttpAnswer{0, target.secret_fault};
  return JudgeAnswer(answer, 1, absl::ZeroDuration(), 0);
}

absl::StatusOr<DeliveryPage> WebhookBook::ListDeliveries(const std::string& webhook_id,
                                                         DeliveryState state, uint32_t page_size,
                                                         const std::string& page_token) {
  AW_RETURN_IF_ERROR(CheckUuid(webhook_id, "webhook_id"));
  if (static_cast<int>(state) < 0 || static_cast<int>(state) > kLastDeliveryState) {
    return absl::InvalidArgumentError("state is unknown; WAITING, DELIVERED, DEAD or none");
  }
  if (page_size == 0) page_size = kDefaultPageSize;
  if (page_size > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size ", page_size, " is too large; at most ", kMaxPageSize));
  }
  const std::string query = absl::StrCat("deliveries|", webhook_id, "|", static_cast<int>(state));
  std::optional<DeliveryPosition> after;
  if (!page_token.empty()) {
    AW_ASSIGN_OR_RETURN(const std::string text, DecodePageToken(query, page_token));
    AW_ASSIGN_OR_RETURN(const IncidentPosition position, PositionFromText(text));
    after = DeliveryPosition{position.opened_time, position.incident_id};
  }
  DeliveryPage page;
  // One more than asked for tells whether there is another page.
  AW_ASSIGN_OR_RETURN(page.deliveries,
                      store_.ListDeliveries(webhook_id, state, after, page_size + 1));
  if (page.deliveries.size() > page_size) {
    page.deliveries.resize(page_size);
    const Delivery& last = page.deliveries.back();
    page.next_page_token =
        EncodePageToken(query, PositionToText({last.create_time, last.delivery_id}));
  }
  return page;
}

absl::Status WebhookBook::Retry(const std::string& delivery_id) {
  AW_RETURN_IF_ERROR(CheckUuid(delivery_id, "delivery_id"));
  return store_.Retry(delivery_id);
}

}  // namespace aislewatch::events
