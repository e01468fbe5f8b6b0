// Inside of the stores: which time zones there are. PostgreSQL brings a database of them, or uses
// the one of its machine; the images of services have none. Thread-safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/events/adapters/postgres/sql.h"

namespace aislewatch::events {

/// INVALID_ARGUMENT where PostgreSQL knows no time zone of that name. Takes some milliseconds, as
/// PostgreSQL looks through all of them.
absl::Status CheckTimeZone(Transaction& transaction, const std::string& name);

}  // namespace aislewatch::events
