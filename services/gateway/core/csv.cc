#include "services/gateway/core/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace aislewatch::gateway {

std::string CsvText(absl::string_view text) {
  constexpr absl::string_view kFormulas("=+-@\t\r");
  const bool runs = !text.empty() && kFormulas.find(text.front()) != absl::string_view::npos;
  std::string field = absl::StrCat(runs ? "'" : "", text);
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

std::string CsvLine(const std::vector<std::string>& fields) {
  return absl::StrCat(absl::StrJoin(fields, ","), "\r\n");
}

}  // namespace aislewatch::gateway
