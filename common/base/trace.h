// Which log lines and calls belong together, over all services: W3C Trace Context
// (https://www.w3.org/TR/trace-context/).
//
// A camera's pipeline has one trace for its life. Its streams carry it in the metadata
// `traceparent`, so a frame is found in every service's log by trace and sequence. Thread-safe.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace aislewatch {

/// The metadata key.
inline constexpr char kTraceparent[] = "traceparent";

/// A random trace id: 32 lower-case hexadecimal digits, not all zero.
std::string NewTraceId();

/// The value of `traceparent` for a call or stream of the trace, which gets a span id of its own.
std::string Traceparent(absl::string_view trace_id);

/// The trace id in a value of `traceparent`; empty where it is none, so that what a peer writes
/// there cannot get into our logs.
std::string TraceIdOf(absl::string_view traceparent);

}  // namespace aislewatch
