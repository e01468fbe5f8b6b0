#include "common/base/time_zone_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

constexpr size_t kMaxTimeZoneName = 64;

}  // namespace

absl::Status CheckTimeZoneName(absl::string_view name, absl::string_view what) {
  const bool valid =
      !name.empty() && name.size() <= kMaxTimeZoneName &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '/' || c == '+' || c == '-';
      });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " \"", name.substr(0, kMaxTimeZoneName),
                   "\" must be a name of the IANA database, as in Europe/Berlin"));
}

}  // namespace aislewatch
