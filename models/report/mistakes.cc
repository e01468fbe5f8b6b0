#include "models/report/mistakes.h"

#include "absl/strings/str_cat.h"
#include "models/report/page.h"

namespace aislewatch::report {

Html MistakeCards(absl::Span<const Mistake> shown, size_t all, const std::string& order) {
  if (shown.empty()) return Element("p", {"None."});
  Html cards;
  for (const Mistake& mistake : shown) {
    Html content = mistake.picture;
    content += Element("h4", {mistake.name});
    for (const std::string& line : mistake.lines) content += Element("p", {line});
    cards += Element("article", {{"class", "card"}}, {content});
  }
  Html section = Note({absl::StrCat(shown.size(), " of ", all, ", ", order, ".")});
  section += Element("div", {{"class", "cards"}}, {cards});
  return section;
}

}  // namespace aislewatch::report
