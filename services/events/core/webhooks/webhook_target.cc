#include "services/events/core/webhooks/webhook_target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxUrlLength = 2048;

enum class Reach { kPublic, kPrivate, kNever };

struct V4Range {
  uint8_t address[4];
  int bits;
  Reach reach;
};

// IANA's special-purpose registry (RFC 6890 and later) as far as nobody's public server lies there.
constexpr V4Range kV4Ranges[] = {
    {{0, 0, 0, 0}, 8, Reach::kNever},         // "This network"; 0.0.0.0 reaches oneself.
    {{10, 0, 0, 0}, 8, Reach::kPrivate},      // Private.
    {{100, 64, 0, 0}, 10, Reach::kPrivate},   // Carrier-grade NAT.
    {{127, 0, 0, 0}, 8, Reach::kPrivate},     // Loopback.
    {{169, 254, 0, 0}, 16, Reach::kNever},    // Link-local; metadata services.
    {{172, 16, 0, 0}, 12, Reach::kPrivate},   // Private.
    {{192, 0, 0, 0}, 24, Reach::kNever},      // Protocol assignments.
    {{192, 0, 2, 0}, 24, Reach::kNever},      // Documentation.
    {{192, 88, 99, 0}, 24, Reach::kNever},    // 6to4 relays.
    {{192, 168, 0, 0}, 16, Reach::kPrivate},  // Private.
    {{198, 18, 0, 0}, 15, Reach::kPrivate},   // Benchmarks.
    {{198, 51, 100, 0}, 24, Reach::kNever},   // Documentation.
    {{203, 0, 113, 0}, 24, Reach::kNever},    // Documentation.
    {{224, 0, 0, 0}, 3, Reach::kNever},       // Multicast, reserved, broadcast.
};

using Bytes = absl::Span<const uint8_t>;

bool HasPrefix(Bytes address, Bytes prefix, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    const uint8_t mask = static_cast<uint8_t>(0x80 >> (bit % 8));
    if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) return false;
  }
  return true;
}

Reach ReachOfV4(Bytes address) {
  for (const V4Range& range : kV4Ranges) {
    if (HasPrefix(address, range.address, range.bits)) return range.reach;
  }
  return Reach::kPublic;
}

bool AllZero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

Reach ReachOfV6(Bytes address) {
  constexpr uint8_t kNat64[] = {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  if (AllZero(address.first(10)) && address[10] == 0xff && address[11] == 0xff) {
    return ReachOfV4(address.subspan(12));  // ::ffff:a.b.c.d
  }
  if (HasPrefix(address, kNat64, 96)) return ReachOfV4(address.subspan(12));
  if (address[0] == 0x20 && address[1] == 0x02) return ReachOfV4(address.subspan(2, 4));  // 6to4
  if (AllZero(address.first(15)) && address[15] == 1) return Reach::kPrivate;             // ::1
  if ((address[0] & 0xfe) == 0xfc) return Reach::kPrivate;  // fc00::/7
  // Documentation and Teredo lie in 2000::/3, too; everything else is not in public use.
  constexpr uint8_t kDocumentation[] = {0x20, 0x01, 0x0d, 0xb8};
  constexpr uint8_t kTeredo[] = {0x20, 0x01, 0x00, 0x00};
  if (HasPrefix(address, kDocumentation, 32) || HasPrefix(address, kTeredo, 32)) {
    return Reach::kNever;
  }
  return (address[0] & 0xe0) == 0x20 ? Reach::kPublic : Reach::kNever;
}

std::string AddressText(Bytes address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), text, sizeof(text));
  return text;
}

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("url ", what));
}

absl::Status CheckHost(const std::string& host, const WebhookTargets& targets) {
  if (host.empty()) return Wrong("has no host; write https://host/path");
  std::array<uint8_t, 16> bytes{};
  absl::Status status;
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) {
    status = CheckTargetAddress(Bytes(bytes.data(), 4), targets);
  } else if (host.front() == '[') {
    if (host.back() != ']' ||
        inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), bytes.data()) != 1) {
      return Wrong("has a host in brackets that is no IPv6 address");
    }
    status = CheckTargetAddress(bytes, targets);
  } else {
    const std::string name(absl::StripSuffix(absl::AsciiStrToLower(host), "."));
    if (!targets.allow_private && (name == "localhost" || absl::EndsWith(name, ".localhost"))) {
      return Wrong("is this machine's own; --webhooks-allow-private allows that");
    }
    const auto allowed = [](char c) {
      return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
    };
    if (!std::all_of(name.begin(), name.end(), allowed)) {
      return Wrong("has a host with other characters than letters, digits, '-' and '.'");
    }
  }
  return status.ok() ? status : Wrong(absl::StrCat("is not allowed: ", status.message()));
}

absl::Status CheckPort(absl::string_view port) {
  int number = 0;
  const bool digits = std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
  if (digits && absl::SimpleAtoi(port, &number) && number >= 1 && number <= 65535) {
    return absl::OkStatus();
  }
  return Wrong("has a port that is not 1..65535");
}

}  // namespace

absl::Status CheckTargetAddress(absl::Span<const uint8_t> address, const WebhookTargets& targets) {
  if (address.size() != 4 && address.size() != 16) {
    return absl::PermissionDeniedError("the address is neither IPv4 nor IPv6");
  }
  switch (address.size() == 4 ? ReachOfV4(address) : ReachOfV6(address)) {
    case Reach::kPublic:
      return absl::OkStatus();
    case Reach::kPrivate:
      if (targets.allow_private) return absl::OkStatus();
      return absl::PermissionDeniedError(
          absl::StrCat("address ", AddressText(address),
                       " is loopback or private; --webhooks-allow-private allows such"));
    case Reach::kNever:
      break;
  }
  return absl::PermissionDeniedError(
      absl::StrCat("address ", AddressText(address),
                   " is link-local, multicast or reserved; webhooks never go there"));
}

absl::Status CheckWebhookUrl(absl::string_view url, const WebhookTargets& targets) {
  if (url.size() > kMaxUrlLength) return Wrong("is over 2,048 characters");
  if (!std::all_of(url.begin(), url.end(), absl::ascii_isgraph) || absl::StrContains(url, '\\')) {
    return Wrong("has a space, a backslash or a character outside ASCII; encode it as %XX");
  }
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "https://")) {
    if (!absl::ConsumePrefix(&rest, "http://")) return Wrong("must begin with https://");
    if (!targets.allow_http) {
      return Wrong("must begin with https://; --webhooks-allow-http allows http://");
    }
  }
  if (absl::StrContains(rest, '#')) return Wrong("has a fragment (#), which is never sent");
  absl::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (absl::StrContains(authority, '@')) {
    return Wrong("has a user before the host; receivers know us by the signature");
  }
  const size_t colon = authority.rfind(':');
  if (colon != absl::string_view::npos && authority.find(']', colon) == absl::string_view::npos) {
    AW_RETURN_IF_ERROR(CheckPort(authority.substr(colon + 1)));
    authority = authority.substr(0, colon);
  }
  return CheckHost(std::string(authority), targets);
}

}  // namespace aislewatch::events
