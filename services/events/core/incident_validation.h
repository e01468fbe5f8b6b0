// What transitions, filters and reviews must be like before a store sees them. Pure functions;
// every error is INVALID_ARGUMENT and names the field.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

inline constexpr size_t kMaxTransitionsPerCall = 500;
inline constexpr size_t kMaxContentBytes = 256u << 10;

/// 1..500 transitions, each whole; the message says which one is wrong and all that is.
absl::Status CheckTransitions(const std::vector<Transition>& transitions);
absl::Status CheckFilter(const IncidentFilter& filter);
/// review_id and create_time are not looked at.
absl::Status CheckReview(const Review& review);
absl::Status CheckUuid(const std::string& id, absl::string_view what);

}  // namespace aislewatch::events
