#include "models/report/html.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace aislewatch::report {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

/// Length of the UTF-8 sequence at the beginning of `text`, 0 where there is none (RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first < 0xE0   ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  const uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool HasNoClosingTag(absl::string_view tag) {
  return tag == "br" || tag == "img" || tag == "meta" || tag == "col";
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const auto c = static_cast<uint8_t>(text[0]);
    const bool control = (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
    if (length == 0 || control) {
      out += kReplacement;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

Html Element(absl::string_view tag, const Attributes& attributes,
             std::initializer_list<Html> content) {
  Html element;
  absl::StrAppend(&element.markup_, "<", tag);
  for (const auto& [name, value] : attributes) {
    absl::StrAppend(&element.markup_, " ", name, "=\"", EscapeHtml(value), "\"");
  }
  element.markup_ += '>';
  for (const Html& part : content) element += part;
  if (!HasNoClosingTag(tag)) absl::StrAppend(&element.markup_, "</", tag, ">\n");
  return element;
}

}  // namespace aislewatch::report
