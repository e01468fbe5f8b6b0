// What each call of event storage asks of its caller: the one table of all services.
//
// A method that is not in the table is refused to everybody with a credential and, where one is
// required, to everybody: who adds a call has to say here who may make it. Pure functions.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/events/core/access.h"

namespace aislewatch::events {

enum class Right {
  kNone,          // Not in the table.
  kOpen,          // Anybody, without a credential.
  kIdentify,      // Whoever has a credential.
  kRead,          // Viewers and above.
  kReadOrIngest,  // Likewise, and ingest.
  kOperate,       // Operators and above.
  kManage,        // Admins, within their scope.
  kAdminister,    // Admins of the whole installation.
  kIngest,        // Ingest, within its scope.
  kIngestAll,     // Ingest of the whole installation.
};

/// By the method's name without its service; names are unique over event storage's services.
Right RightFor(absl::string_view method);

/// PERMISSION_DENIED says which role or scope is missing. Where a scope decides about single stores
/// and cameras, ScopedStores do.
absl::Status CheckRight(const Principal& principal, absl::string_view method);

/// "viewer", "operator", "admin", "ingest".
absl::string_view RoleName(Role role);

}  // namespace aislewatch::events
