// What a webhook is sent: a CloudEvents 1.0 event in structured mode, signed. Pure functions.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/events/core/webhooks/webhook.h"
#include "services/events/core/webhooks/webhook_stores.h"

namespace aislewatch::events {

/// Gives an occurrence as JSON text: IncidentTransition or Review of aislewatch.v1.
using OccurrenceJson = std::function<absl::StatusOr<std::string>(const Occurrence&)>;

/// CloudEvents type: "aislewatch.incident.opened", "...updated", "...closed", "...reviewed".
std::string EventType(TransitionKind kind_or_unspecified_for_review);

/// The event as JSON; `data` is JSON text. The same for every try of a delivery.
std::string CloudEvent(const std::string& id, const Occurrence& occurrence,
                       const std::string& data);
/// The event of type "aislewatch.test", which is about no incident.
std::string TestEvent(const std::string& id, absl::Time time);

/// A new key: "whsec_" and 43 characters of base64url; see NewSecret.
absl::StatusOr<std::string> NewWebhookSecret();
/// Value of the header Aislewatch-Signature: "t=UNIX_SECONDS,v1=HEX", the HMAC-SHA256 of
/// "UNIX_SECONDS.BODY". The key is the secret's text as it stands, "whsec_" included.
std::string SignatureHeader(absl::string_view secret, absl::Time time, absl::string_view body);

/// The request that carries `body`, signed now.
HttpRequest SignedRequest(const std::string& url, absl::string_view secret, absl::Time now,
                          std::string body);

}  // namespace aislewatch::events
