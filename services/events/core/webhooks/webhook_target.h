// Where webhooks may go. Pure functions.
//
// A webhook makes event storage send requests to an address that somebody typed in, so it must not
// reach what only event storage can reach: itself, its neighbours, a cloud's metadata service. A
// name is resolved anew for each connection, and the address connected to is the one that was
// checked; what a URL says is checked when it is entered, to tell faults early.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace aislewatch::events {

struct WebhookTargets {
  /// http:// beside https://.
  bool allow_http = false;
  /// Loopback and private addresses. Link-local and multicast ones are never allowed.
  bool allow_private = false;
};

/// INVALID_ARGUMENT unless `url` is one that webhooks may have: scheme, host, no user, no fragment;
/// an address in it must be allowed.
absl::Status CheckWebhookUrl(absl::string_view url, const WebhookTargets& targets);

/// PERMISSION_DENIED where no connection may be made to this address: 4 or 16 bytes in network
/// order. IPv6 forms that carry an IPv4 address count as that.
absl::Status CheckTargetAddress(absl::Span<const uint8_t> address, const WebhookTargets& targets);

}  // namespace aislewatch::events
