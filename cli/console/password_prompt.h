// Passwords from people: never from the command line, where others see them.
//
// Not thread-safe: changes the terminal while it asks.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace aislewatch {

/// The first line of `file` ("-": standard input), or, where that is empty, what is typed twice at
/// the terminal without being shown. INVALID_ARGUMENT where there is no line, no terminal, or the
/// two differ.
absl::StatusOr<std::string> AskNewPassword(const std::string& file, const std::string& what);

}  // namespace aislewatch
