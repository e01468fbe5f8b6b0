// How often open streams do what nobody asked for.
#pragma once

#include "absl/time/time.h"

namespace aislewatch::gateway {

struct StreamPace {
  /// A stream that has said nothing for so long sends a line that means nothing, so that proxies
  /// and browsers don't take it for dead.
  absl::Duration heartbeat = absl::Seconds(15);
  /// How often it is asked whether the caller may still see what it gets.
  absl::Duration check_caller = absl::Seconds(30);
};

}  // namespace aislewatch::gateway
