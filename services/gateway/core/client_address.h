// Whose request it is where proxies stand between: the last address of X-Forwarded-For that no
// trusted proxy has.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/core/http_message.h"

namespace aislewatch::gateway {

/// Constant after construction.
class TrustedProxies {
 public:
  /// Addresses and networks such as 10.0.0.0/8. INVALID_ARGUMENT names one that is neither.
  static absl::StatusOr<TrustedProxies> Parse(const std::vector<std::string>& networks);
  TrustedProxies() = default;

  /// The client's address: `request.peer` unless that is a trusted proxy.
  std::string ClientOf(const HttpRequest& request) const;

 private:
  // IPv4 as in ::ffff:a.b.c.d.
  using Address = std::array<uint8_t, 16>;
  struct Network {
    Address address;
    int bits;
  };
  static bool ParseAddress(absl::string_view text, Address& address, bool& is_v4);
  bool Contains(absl::string_view text) const;

  std::vector<Network> networks_;
};

}  // namespace aislewatch::gateway
