// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// One event. `id` may be empty; line breaks in `data` become several data lines. Line breaks in
/// `event` and `id` are dropped, as they would begin another field.
std::string SseEvent(absl::string_view event, absl::string_view id, absl::string_view data);

/// A comment that keeps connections through proxies alive.
inline constexpr char kSseHeartbeat[] = ":\n\n";

}  // namespace aislewatch::gateway
