// Names of time zones that come from outside.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// INVALID_ARGUMENT unless `name` is written as a name of the IANA database is: 1..64 characters of
/// [A-Za-z0-9_/+-]. `what` names the field in the message. Whether there is such a zone only a
/// database of time zones can tell; the images of services have none, but PostgreSQL does.
absl::Status CheckTimeZoneName(absl::string_view name, absl::string_view what);

}  // namespace aislewatch
