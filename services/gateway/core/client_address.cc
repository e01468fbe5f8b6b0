#include "services/gateway/core/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aislewatch::gateway {

bool TrustedProxies::ParseAddress(absl::string_view text, Address& address, bool& is_v4) {
  const std::string copy(text);
  address.fill(0);
  is_v4 = inet_pton(AF_INET, copy.c_str(), address.data() + 12) == 1;
  if (is_v4) {
    address[10] = address[11] = 0xFF;
    return true;
  }
  return inet_pton(AF_INET6, copy.c_str(), address.data()) == 1;
}

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('/', 1));
    Network network = {};
    bool is_v4 = false;
    bool good = ParseAddress(parts.first, network.address, is_v4);
    const int most = is_v4 ? 32 : 128;
    network.bits = most;
    if (absl::StrContains(text, '/')) {
      good = good && absl::SimpleAtoi(parts.second, &network.bits) && network.bits >= 0 &&
             network.bits <= most;
    }
    if (!good) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--trusted-proxies ", text, " must be an address or a network such as 10.0.0.0/8"));
    }
    if (is_v4) network.bits += 96;
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::Contains(absl::string_view text) const {
  Address address;
  bool is_v4 = false;
  if (!ParseAddress(text, address, is_v4)) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&address](const Network& network) {
    const int whole = network.bits / 8;
    if (std::memcmp(address.data(), network.address.data(), whole) != 0) return false;
    const int rest = network.bits % 8;
    if (rest == 0) return true;
    const int mask = 0xFF << (8 - rest);
    return ((address[whole] ^ network.address[whole]) & mask) == 0;
  });
}

std::string TrustedProxies::ClientOf(const HttpRequest& request) const {
  if (!Contains(request.peer)) return request.peer;
  std::string chain;
  for (const auto& [name, value] : request.headers) {
    if (absl::EqualsIgnoreCase(name, "X-Forwarded-For")) {
      absl::StrAppend(&chain, chain.empty() ? "" : ",", value);
    }
  }
  const std::vector<absl::string_view> addresses =
      absl::StrSplit(chain, ',', absl::SkipWhitespace());
  std::string client = request.peer;
  for (auto address = addresses.rbegin(); address != addresses.rend(); ++address) {
    const absl::string_view text = absl::StripAsciiWhitespace(*address);
    Address parsed;
    bool is_v4 = false;
    if (!ParseAddress(text, parsed, is_v4)) break;  // Whatever stands before it was made up.
    client = std::string(text);
    if (!Contains(text)) break;
  }
  return client;
}

}  // namespace aislewatch::gateway
