#include "common/config/yaml/suggest.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aislewatch {
namespace {

// Insertions, deletions, changes and swaps of neighbours that turn `a` into `b` (the optimal string
// alignment distance): swaps are the commonest slip of all.
size_t Edits(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string Suggest(absl::string_view given, const std::vector<absl::string_view>& known) {
  absl::string_view best;
  size_t least = std::max<size_t>(1, given.size() / 3) + 1;
  // The cap keeps a hostile key of a megabyte from costing a megabyte of work per known word.
  for (absl::string_view word : known) {
    if (given.size() > 64) break;
    if (const size_t edits = Edits(given, word); edits < least) {
      least = edits;
      best = word;
    }
  }
  if (!best.empty()) return absl::StrCat("did you mean \"", best, "\"?");
  if (known.empty()) return "nothing may stand here";
  return absl::StrCat("known are: ", absl::StrJoin(known, ", "));
}

}  // namespace aislewatch
