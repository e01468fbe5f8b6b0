// Building HTML and SVG out of text that nobody has looked at.
//
// Names of files, manifests and command lines end up in a page. So that none can become markup,
// text turns into Html in one way only, and that way escapes it. Plain values.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace aislewatch::report {

/// `text` so that it stands for itself in HTML, as content or as a quoted attribute: & < > " and '
/// are escaped; bytes that are no UTF-8 and control characters that HTML does not allow become
/// U+FFFD.
std::string EscapeHtml(absl::string_view text);

/// Markup that is whole and safe. Text converts to it, escaped.
class Html {
 public:
  Html() = default;
  Html(absl::string_view text) : markup_(EscapeHtml(text)) {}
  Html(const std::string& text) : Html(absl::string_view(text)) {}
  Html(const char* text) : Html(absl::string_view(text)) {}

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  const std::string& markup() const { return markup_; }

 private:
  friend Html Element(absl::string_view tag,
                      const std::vector<std::pair<absl::string_view, std::string>>& attributes,
                      std::initializer_list<Html> content);
  std::string markup_;
};

/// Names are literals of ours; values are escaped.
using Attributes = std::vector<std::pair<absl::string_view, std::string>>;

/// <tag attributes>content</tag>; the closing tag is left out where HTML has none.
Html Element(absl::string_view tag, const Attributes& attributes,
             std::initializer_list<Html> content = {});
inline Html Element(absl::string_view tag, std::initializer_list<Html> content) {
  return Element(tag, Attributes{}, content);
}

}  // namespace aislewatch::report
