// "Did you mean": finds the word that somebody probably meant. Stateless, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace aislewatch {

/// "did you mean \"cooldown\"?" where one of `known` is near `given` (edits of up to a third of
/// its letters), else "known are: a, b".
std::string Suggest(absl::string_view given, const std::vector<absl::string_view>& known);

}  // namespace aislewatch
