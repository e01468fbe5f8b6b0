// Errors as application/problem+json (RFC 9457), so that every client shows the same sentence.
//
// Stateless and thread-safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/core/http_message.h"

namespace aislewatch::gateway {

/// `text` between quotes as JSON; bytes that are no UTF-8 become U+FFFD.
std::string JsonString(absl::string_view text);

/// The reason phrase of an HTTP status.
absl::string_view ReasonPhrase(int status);

/// The HTTP status of a call's status.
int HttpStatusOf(absl::StatusCode code);

/// `detail`: a sentence for people with the remedy.
HttpResponse Problem(int status, absl::string_view detail);

/// A call's error as a response. What only operators can use (addresses, inner errors) is left out;
/// `request_id` leads them to the log. Adds Retry-After where trying again helps.
HttpResponse ProblemOf(const absl::Status& status, absl::string_view request_id);

}  // namespace aislewatch::gateway
