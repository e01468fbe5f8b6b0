// Between aislewatch.v1 and event storage's own types of webhooks. Stateless and thread-safe.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "aislewatch/v1/webhooks.pb.h"
#include "services/events/core/webhooks/webhook.h"

namespace aislewatch::events {

Webhook WebhookFromProto(const v1::Webhook& webhook);
v1::Webhook ToProto(const Webhook& webhook);
v1::Delivery ToProto(const Delivery& delivery);

/// IncidentTransition or Review as protobuf's own JSON mapping. NOT_FOUND where neither is there
/// any more.
absl::StatusOr<std::string> OccurrenceToJson(const Occurrence& occurrence);

}  // namespace aislewatch::events
