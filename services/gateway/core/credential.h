// Who calls, as a request shows it: a session cookie of the console or a bearer token of a machine.
//
// Nothing is checked here: event storage knows sessions and tokens. Stateless and thread-safe.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/core/http_message.h"

namespace aislewatch::gateway {

inline constexpr char kSessionCookie[] = "aislewatch_session";
inline constexpr char kCsrfHeader[] = "X-CSRF-Token";

struct Credential {
  /// Empty where the request shows none.
  std::string secret;
  /// A browser sends it by itself, so that changes need the CSRF token too.
  bool from_cookie = false;
};

/// The Authorization header, or else the cookie. What cannot travel on (other than printable ASCII,
/// longer than 4,096) counts as none.
Credential CredentialOf(const HttpRequest& request);

/// The token that goes with a session: an HMAC-SHA256 of the session itself, so that every replica
/// agrees on it and none has to remember it.
std::string CsrfToken(absl::string_view session);

/// Compares in a time that tells nothing but the lengths.
bool SameSecret(absl::string_view a, absl::string_view b);

/// Values of Set-Cookie. `secure`: for HTTPS alone.
std::string SessionCookie(absl::string_view session, bool secure);
std::string EndedSessionCookie(bool secure);

/// Whether a browser says that a page of another site made the request.
bool IsCrossSite(const HttpRequest& request);

}  // namespace aislewatch::gateway
