// The worst mistakes as cards: a picture, what it is, what went wrong. Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "models/report/html.h"

namespace aislewatch::report {

/// How many a report shows of each kind.
inline constexpr size_t kMostMistakes = 12;

struct Mistake {
  /// Empty where there is nothing to see.
  Html picture;
  /// Of the clip or picture; the card's heading.
  std::string name;
  /// A paragraph each.
  std::vector<std::string> lines;
};

/// `shown` out of `all`, in the `order` that the page names; "None." where there is none.
Html MistakeCards(absl::Span<const Mistake> shown, size_t all,
                  const std::string& order = "worst first");

}  // namespace aislewatch::report
