#include "services/events/adapters/postgres/time_zones.h"

#include "absl/strings/str_cat.h"
#include "services/events/adapters/postgres/sql.h"

namespace aislewatch::events {

// Names alone: where a zone is used, PostgreSQL also takes abbreviations and formulas, in which the
// sign means the opposite of what people expect.
absl::Status TimeZones::Check(Transaction& transaction, const std::string& name) {
  // Some systems list files beside the zones, which browsers do not know.
  static const Statement known{"time_zone_known",
                               "SELECT 1 FROM pg_timezone_names WHERE name = $1 AND name !~ "
                               "'^(posix/|right/|localtime$|posixrules$|Factory$)' LIMIT 1"};
  {
    absl::MutexLock lock(&mutex_);
    if (known_.count(name) > 0) return absl::OkStatus();
  }
  if (transaction.Run(known, Params().Text(name)).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("time_zone ", name,
                     " is not known; give a name of the IANA database, as in Europe/Berlin"));
  }
  absl::MutexLock lock(&mutex_);
  known_.insert(name);
  return absl::OkStatus();
}

}  // namespace aislewatch::events
