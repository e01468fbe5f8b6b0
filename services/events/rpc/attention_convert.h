// Between the messages of AttentionService and event storage's own types. Stateless and
// thread-safe.
#pragma once

#include "absl/time/time.h"
#include "aislewatch/v1/attention.pb.h"
#include "services/events/core/attention/attention.h"

namespace aislewatch::events {

/// Enumerators that this build does not know become kUnspecified.
ZoneVisit VisitFromProto(const v1::ZoneVisit& visit);
/// With the defaults for what is unset; `now` is what they count from.
AttentionQuery QueryFromProto(const v1::ListAttentionRequest& request, absl::Time now);
v1::AttentionSum ToProto(const AttentionSum& sum);

}  // namespace aislewatch::events
