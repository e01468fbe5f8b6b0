// New secrets: what nobody can guess. Thread-safe.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// `count` bytes from the system's random source. INTERNAL where it has none.
absl::StatusOr<std::string> RandomBytes(size_t count);

/// `prefix` and 43 characters of base64url, 256 bits. INTERNAL likewise.
absl::StatusOr<std::string> NewSecret(absl::string_view prefix);

}  // namespace aislewatch
