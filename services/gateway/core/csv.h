// Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// Text as a field: quoted where it must be. One that begins with =, +, -, @, a tab or a carriage
/// return gets a ' before it, since spreadsheets would run it as a formula.
std::string CsvText(absl::string_view text);

/// Fields, which are written as they are, with commas between and CRLF behind them.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace aislewatch::gateway
