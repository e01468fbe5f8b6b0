#include "services/gateway/core/byte_range.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace aislewatch::gateway {
namespace {

// Digits alone: SimpleAtoi would take signs and spaces.
bool ParseDigits(absl::string_view text, uint64_t& value) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &value);
}

}  // namespace

ByteRange ParseByteRange(absl::string_view header, uint64_t size) {
  const ByteRange whole{ByteRange::Kind::kWhole, 0, size};
  if (!absl::ConsumePrefix(&header, "bytes=")) return whole;
  const size_t hyphen = header.find('-');
  if (hyphen == absl::string_view::npos || header.find(',') != absl::string_view::npos)
    return whole;
  const absl::string_view first_text = absl::StripAsciiWhitespace(header.substr(0, hyphen));
  const absl::string_view last_text = absl::StripAsciiWhitespace(header.substr(hyphen + 1));
  const ByteRange unsatisfiable{ByteRange::Kind::kUnsatisfiable, 0, 0};
  uint64_t first = 0;
  uint64_t last = 0;
  if (first_text.empty()) {  // The last so many bytes.
    if (!ParseDigits(last_text, last)) return whole;
    if (last == 0 || size == 0) return unsatisfiable;
    const uint64_t length = std::min(last, size);
    return {ByteRange::Kind::kPart, size - length, length};
  }
  if (!ParseDigits(first_text, first)) return whole;
  if (last_text.empty()) {
    last = size;
  } else if (!ParseDigits(last_text, last) || last < first) {
    return whole;
  }
  if (first >= size) return unsatisfiable;
  return {ByteRange::Kind::kPart, first, std::min(last, size - 1) - first + 1};
}

bool NamesEtag(absl::string_view if_none_match, absl::string_view etag) {
  for (absl::string_view one : absl::StrSplit(if_none_match, ',')) {
    one = absl::StripAsciiWhitespace(one);
    absl::ConsumePrefix(&one, "W/");
    if (one == "*" || one == etag) return true;
  }
  return false;
}

}  // namespace aislewatch::gateway
