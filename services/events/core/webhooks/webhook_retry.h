// When a delivery is tried again, and when it is given up. Pure functions.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "services/events/core/webhooks/webhook.h"
#include "services/events/core/webhooks/webhook_stores.h"

namespace aislewatch::events {

/// A delivery that would be tried later than this after it was taken up is dead.
inline constexpr absl::Duration kGiveUpAfter = absl::Hours(24);

/// Pause after try `attempts` (from 1): 5 s, doubled each time up to an hour, times 0.5..1 by
/// `random` in 0..1, so that what failed together does not come back together.
absl::Duration RetryPause(uint32_t attempts, double random);

/// What becomes of a delivery of this age after its try `attempts`. 2xx is delivered; 410 (Gone) is
/// dead at once; everything else waits, until it is too old.
DeliveryOutcome JudgeAnswer(const HttpAnswer& answer, uint32_t attempts, absl::Duration age,
                            double random);

}  // namespace aislewatch::events
