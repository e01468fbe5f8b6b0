#include "services/events/core/webhooks/webhook_event.h"

#include <openssl/hmac.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/secret.h"

namespace aislewatch::events {
namespace {

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

// `subject` may be empty.
std::string Envelope(const std::string& id, const std::string& source, const std::string& type,
                     const std::string& subject, absl::Time time, const std::string& data) {
  std::string event = absl::StrCat("{\"specversion\":\"1.0\",\"id\":", Quoted(id),
                                   ",\"source\":", Quoted(source), ",\"type\":", Quoted(type));
  if (!subject.empty()) absl::StrAppend(&event, ",\"subject\":", Quoted(subject));
  absl::StrAppend(&event, ",\"time\":", Quoted(Rfc3339(time)),
                  ",\"datacontenttype\":\"application/json\",\"data\":", data, "}");
  return event;
}

}  // namespace

std::string EventType(TransitionKind kind) {
  switch (kind) {
    case TransitionKind::kOpened:
      return "aislewatch.incident.opened";
    case TransitionKind::kUpdated:
      return "aislewatch.incident.updated";
    case TransitionKind::kClosed:
      return "aislewatch.incident.closed";
    case TransitionKind::kUnspecified:
      break;
  }
  return "aislewatch.incident.reviewed";
}

std::string CloudEvent(const std::string& id, const Occurrence& occurrence,
                       const std::string& data) {
  TransitionKind kind = TransitionKind::kUnspecified;
  absl::Time time = absl::UnixEpoch();
  if (occurrence.transition.has_value()) {
    kind = occurrence.transition->kind;
    time = occurrence.transition->time.value_or(time);
  } else if (occurrence.review.has_value()) {
    time = occurrence.review->create_time;
  }
  // Ids have no character that a URI reference would have to escape.
  const std::string source =
      absl::StrCat("/stores/", occurrence.store_id, "/cameras/", occurrence.camera_id);
  return Envelope(id, source, EventType(kind), occurrence.incident_id, time, data);
}

std::string TestEvent(const std::string& id, absl::Time time) {
  return Envelope(id, "/webhooks", "aislewatch.test", "", time,
                  "{\"message\":\"Aislewatch can reach this receiver.\"}");
}

absl::StatusOr<std::string> NewWebhookSecret() { return NewSecret("whsec_"); }

std::string SignatureHeader(absl::string_view secret, absl::Time time, absl::string_view body) {
  const std::string seconds = absl::StrCat(absl::ToUnixSeconds(time));
  const std::string signed_text = absl::StrCat(seconds, ".", body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), digest,
       &size);
  return absl::StrCat(
      "t=", seconds, ",v1=",
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size)));
}

HttpRequest SignedRequest(const std::string& url, absl::string_view secret, absl::Time now,
                          std::string body) {
  HttpRequest request;
  request.url = url;
  request.headers = {"Content-Type: application/cloudevents+json; charset=utf-8",
                     "User-Agent: Aislewatch-Webhooks/1",
                     absl::StrCat("Aislewatch-Signature: ", SignatureHeader(secret, now, body))};
  request.body = std::move(body);
  return request;
}

}  // namespace aislewatch::events
