#include "services/events/adapters/postgres/time_zones.h"

#include "absl/strings/str_cat.h"

namespace aislewatch::events {

// Names alone: where a zone is used, PostgreSQL also takes abbreviations and formulas, in which the
// sign means the opposite of what people expect.
absl::Status CheckTimeZone(Transaction& transaction, const std::string& name) {
  static const Statement known{"time_zone_known",
                               "SELECT 1 FROM pg_timezone_names WHERE name = $1 LIMIT 1"};
  if (name == "UTC" || !transaction.Run(known, Params().Text(name)).empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "time_zone ", name, " is not known; give a name of the IANA database, as in Europe/Berlin"));
}

}  // namespace aislewatch::events
