// Parts of a page, for tests that must fail where one is left out.
#pragma once

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace aislewatch::report {

/// Without line feeds, which mean nothing in HTML.
inline std::string Unbroken(std::string html) {
  html.erase(std::remove(html.begin(), html.end(), '\n'), html.end());
  return html;
}

/// The section of this heading, without others and unbroken; empty where there is none.
inline std::string SectionOf(const std::string& page, absl::string_view heading) {
  const size_t begin = page.find(absl::StrCat("<section><h2>", heading, "</h2>"));
  if (begin == std::string::npos) return "";
  return Unbroken(page.substr(begin, page.find("</section>", begin) - begin));
}

/// How often `part` stands in `text`.
inline int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace aislewatch::report
