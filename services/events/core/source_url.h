// Where a camera's pictures come from, as text, and keeping its password to ourselves.
//
// Pure functions. No message ever repeats the URL.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch::events {

/// What stands in place of a password.
inline constexpr absl::string_view kMaskedPassword = "***";

/// INVALID_ARGUMENT unless `url` is rtsp://, rtsps://, http://, https:// with a host, file:///path
/// or device:N. A masked password is refused: it would be stored in place of the real one.
absl::Status CheckSourceUrl(absl::string_view url);

/// `url` with the password of its user, and values of query parameters that look like secrets,
/// masked.
std::string MaskPassword(absl::string_view url);

}  // namespace aislewatch::events
