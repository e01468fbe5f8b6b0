#include "services/events/core/source_url.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxUrlLength = 2048;

// Parts of a URL with an authority (RFC 3986, section 3).
struct Url {
  absl::string_view scheme;    // "rtsp"
  absl::string_view userinfo;  // "user:password", empty where there is none
  absl::string_view host;      // "camera.example" or "[::1]"
  absl::string_view port;      // "554", empty where there is none
  bool has_port = false;
  absl::string_view rest;  // "/path?query"
};

bool Split(absl::string_view text, Url& url) {
  const size_t colon = text.find("://");
  if (colon == absl::string_view::npos) return false;
  url.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  const size_t end = std::min(text.find_first_of("/?#"), text.size());
  absl::string_view authority = text.substr(0, end);
  url.rest = text.substr(end);
  if (const size_t at = authority.rfind('@'); at != absl::string_view::npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  // The last colon, unless it stands inside an IPv6 address' brackets.
  const size_t port = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  url.has_port =
      port != absl::string_view::npos && (bracket == absl::string_view::npos || port > bracket);
  url.host = url.has_port ? authority.substr(0, port) : authority;
  if (url.has_port) url.port = authority.substr(port + 1);
  return true;
}

bool LooksSecret(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  static constexpr std::array<absl::string_view, 6> kWords = {"pass", "pwd",    "token",
                                                              "key",  "secret", "auth"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](absl::string_view word) { return absl::StrContains(lower, word); });
}

std::string MaskQuery(absl::string_view rest) {
  const size_t question = rest.find('?');
  if (question == absl::string_view::npos) return std::string(rest);
  std::vector<std::string> parameters;
  for (absl::string_view parameter : absl::StrSplit(rest.substr(question + 1), '&')) {
    const size_t equals = parameter.find('=');
    const bool secret =
        equals != absl::string_view::npos && LooksSecret(parameter.substr(0, equals));
    parameters.push_back(secret ? absl::StrCat(parameter.substr(0, equals + 1), kMaskedPassword)
                                : std::string(parameter));
  }
  return absl::StrCat(rest.substr(0, question + 1), absl::StrJoin(parameters, "&"));
}

absl::Status Fault(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("source_url ", what));
}

absl::Status CheckNetworkUrl(const Url& url) {
  if (url.host.empty()) return Fault("names no host");
  uint32_t port = 0;
  if (url.has_port && (!absl::SimpleAtoi(url.port, &port) || port == 0 || port > 65535)) {
    return Fault(
        "has a port that is not a number in 1..65535; write '/', '?', '#', '@' and ':' in a "
        "password as %2F, %3F, %23, %40 and %3A");
  }
  // Also what an unescaped '/' in a password looks like; without this rule it would not be masked.
  const absl::string_view path = url.rest.substr(0, url.rest.find('?'));
  if (url.userinfo.empty() && absl::StrContains(path, '@')) {
    return Fault("has an '@' in its path; write it as %40, and '/' in a password as %2F");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSourceUrl(absl::string_view url) {
  if (url.empty()) return Fault("is missing");
  if (url.size() > kMaxUrlLength) return Fault("is longer than 2048 characters");
  const auto bad = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
  if (std::any_of(url.begin(), url.end(), bad)) return Fault("has a space or control character");
  if (MaskPassword(url) == url && absl::StrContains(url, absl::StrCat(":", kMaskedPassword, "@"))) {
    return Fault("has a masked password; send the whole URL, or the masked one unchanged");
  }
  if (absl::ConsumePrefix(&url, "device:")) {
    uint32_t number = 0;
    return absl::SimpleAtoi(url, &number) ? absl::OkStatus()
                                          : Fault("must name a device by number, as in device:0");
  }
  Url parts;
  if (Split(url, parts)) {
    if (parts.scheme == "file") {
      const bool absolute = parts.userinfo.empty() && parts.host.empty() && parts.rest.size() > 1;
      return absolute ? absl::OkStatus()
                      : Fault("must name a whole path, as in file:///videos/a.mp4");
    }
    for (absl::string_view scheme : {"rtsp", "rtsps", "http", "https"}) {
      if (parts.scheme == scheme) return CheckNetworkUrl(parts);
    }
  }
  return Fault("must begin with rtsp://, rtsps://, http://, https://, file:/// or device:");
}

std::string MaskPassword(absl::string_view text) {
  Url url;
  if (!Split(text, url)) return std::string(text);
  const size_t colon = url.userinfo.find(':');
  std::string user(url.userinfo);
  if (colon != absl::string_view::npos) {
    user = absl::StrCat(url.userinfo.substr(0, colon), ":", kMaskedPassword);
  }
  return absl::StrCat(url.scheme, "://", user, url.userinfo.empty() ? "" : "@", url.host,
                      url.has_port ? ":" : "", url.port, MaskQuery(url.rest));
}

}  // namespace aislewatch::events
