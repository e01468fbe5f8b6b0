// Page tokens: where a list goes on, in a form that callers cannot read meaning into.
//
// A token is bound to what was asked for (the filter), so that going on with another filter is
// refused instead of skipping entries. It carries a checksum, not a signature: it guards against
// mistakes, and a forged one gains nothing, since filter and rights are checked on every page.
// Replicas need no common secret. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

/// `query`: whatever the token shall be bound to. `position`: what DecodePageToken gives back.
std::string EncodePageToken(absl::string_view query, absl::string_view position);
/// INVALID_ARGUMENT where the token was not made by EncodePageToken for the same query.
absl::StatusOr<std::string> DecodePageToken(absl::string_view query, absl::string_view token);

/// Text that is the same for filters that mean the same, and differs otherwise.
std::string CanonicalQuery(const IncidentFilter& filter);
std::string CanonicalQuery(const std::vector<std::string>& store_ids);

/// A position in a list of incidents as text, and back.
std::string PositionToText(const IncidentPosition& position);
absl::StatusOr<IncidentPosition> PositionFromText(absl::string_view text);

}  // namespace aislewatch::events
