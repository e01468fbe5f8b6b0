#include "services/events/rpc/webhook_convert.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/convert.h"
#include "services/events/core/webhooks/webhook_event.h"
#include "services/events/rpc/convert.h"

namespace aislewatch::events {

using aislewatch::ToProto;

Webhook WebhookFromProto(const v1::Webhook& from) {
  Webhook webhook;
  webhook.webhook_id = from.webhook_id();
  webhook.name = from.name();
  webhook.url = from.url();
  const IncidentFilter filter = FilterFromProto(from.filter());
  webhook.filter.store_ids = filter.store_ids;
  webhook.filter.camera_ids = filter.camera_ids;
  webhook.filter.kinds = filter.kinds;
  webhook.filter.min_severity = filter.min_severity;
  webhook.enabled = from.enabled();
  return webhook;
}

v1::Webhook ToProto(const Webhook& webhook) {
  v1::Webhook to;
  to.set_webhook_id(webhook.webhook_id);
  to.set_name(webhook.name);
  to.set_url(webhook.url);
  *to.mutable_filter() = ToProto(webhook.filter);
  to.set_enabled(webhook.enabled);
  *to.mutable_create_time() = ToProto(webhook.create_time);
  to.set_waiting(webhook.waiting);
  to.set_dead(webhook.dead);
  to.set_last_error(webhook.last_error);
  return to;
}

v1::Delivery ToProto(const Delivery& delivery) {
  v1::Delivery to;
  to.set_delivery_id(delivery.delivery_id);
  to.set_webhook_id(delivery.webhook_id);
  to.set_incident_id(delivery.incident_id);
  to.set_event_type(EventType(delivery.transition_kind));
  to.set_state(static_cast<v1::DeliveryState>(static_cast<int>(delivery.state)));
  to.set_attempts(delivery.attempts);
  to.set_last_status(static_cast<uint32_t>(delivery.last_status));
  to.set_last_error(delivery.last_error);
  *to.mutable_create_time() = ToProto(delivery.create_time);
  if (delivery.next_attempt_time.has_value()) {
    *to.mutable_next_attempt_time() = ToProto(*delivery.next_attempt_time);
  }
  return to;
}

absl::StatusOr<std::string> OccurrenceToJson(const Occurrence& occurrence) {
  std::string json;
  google::protobuf::util::Status status;
  if (occurrence.transition.has_value()) {
    status = google::protobuf::util::MessageToJsonString(ToProto(*occurrence.transition), &json);
  } else if (occurrence.review.has_value()) {
    status = google::protobuf::util::MessageToJsonString(ToProto(*occurrence.review), &json);
  } else {
    return absl::NotFoundError("what there was to tell has been removed");
  }
  if (status.ok()) return json;
  return absl::InternalError(
      absl::StrCat("the event cannot be written as JSON: ", std::string(status.message())));
}

}  // namespace aislewatch::events
