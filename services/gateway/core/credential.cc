#include "services/gateway/core/credential.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kMaxSecret = 4096;
constexpr absl::string_view kBearer = "Bearer ";
// Ends the longest session there is; event storage ends it earlier where it is not used.
constexpr int kCookieSeconds = 7 * 24 * 3600;

bool CanTravel(absl::string_view secret) {
  return !secret.empty() && secret.size() <= kMaxSecret &&
         std::all_of(secret.begin(), secret.end(), absl::ascii_isgraph);
}

}  // namespace

Credential CredentialOf(const HttpRequest& request) {
  const absl::string_view authorization = request.Header("Authorization");
  if (absl::StartsWithIgnoreCase(authorization, kBearer)) {
    const absl::string_view secret =
        absl::StripAsciiWhitespace(authorization.substr(kBearer.size()));
    if (CanTravel(secret)) return {std::string(secret), false};
    return {};
  }
  for (const auto& [name, value] : request.headers) {
    if (!absl::EqualsIgnoreCase(name, "Cookie")) continue;
    for (const absl::string_view cookie : absl::StrSplit(value, ';')) {
      const std::pair<absl::string_view, absl::string_view> pair =
          absl::StrSplit(absl::StripAsciiWhitespace(cookie), absl::MaxSplits('=', 1));
      if (pair.first == kSessionCookie && CanTravel(pair.second)) {
        return {std::string(pair.second), true};
      }
    }
  }
  return {};
}

std::string CsrfToken(absl::string_view session) {
  constexpr absl::string_view kPurpose = "aislewatch csrf 1";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), session.data(), static_cast<int>(session.size()),
       reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), digest, &size);
  return absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string SessionCookie(absl::string_view session, bool secure) {
  return absl::StrCat(kSessionCookie, "=", session, "; Path=/; Max-Age=", kCookieSeconds,
                      "; HttpOnly; SameSite=Strict", secure ? "; Secure" : "");
}

std::string EndedSessionCookie(bool secure) {
  return absl::StrCat(kSessionCookie, "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
                      secure ? "; Secure" : "");
}

bool IsCrossSite(const HttpRequest& request) {
  const absl::string_view site = request.Header("Sec-Fetch-Site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  // Browsers without Fetch Metadata; programs send no Origin.
  const absl::string_view origin = request.Header("Origin");
  if (origin.empty()) return false;
  const size_t scheme = origin.find("://");
  return scheme == absl::string_view::npos || origin.substr(scheme + 3) != request.Header("Host");
}

}  // namespace aislewatch::gateway
