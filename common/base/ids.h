// Identifiers: making UUIDs, and checking those that come from outside.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// A random UUID (RFC 9562 version 4), lower-case with hyphens. Thread-safe.
std::string NewUuid();

/// Whether `text` is a UUID in lower-case hexadecimal with hyphens.
bool IsUuid(absl::string_view text);

/// INVALID_ARGUMENT unless `id` is 1..max_length characters of [A-Za-z0-9._:-]. `what` names the
/// field in the message, for example "camera_id".
absl::Status CheckId(absl::string_view id, absl::string_view what, size_t max_length = 128);

}  // namespace aislewatch
