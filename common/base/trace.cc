#include "common/base/trace.h"

#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

constexpr size_t kTraceIdAt = 3;
constexpr size_t kSpanIdAt = 36;
constexpr size_t kFlagsAt = 53;
constexpr size_t kLength = 55;  // Of version 00; later ones may append "-...".

std::string RandomHex64() {
  thread_local absl::BitGen gen;
  // Zero means "invalid" in ids.
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(absl::IntervalClosed, gen, 1, ~uint64_t{0}),
                                absl::kZeroPad16));
}

bool IsHex(absl::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

bool IsHexId(absl::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != absl::string_view::npos;
}

}  // namespace

std::string NewTraceId() { return RandomHex64() + RandomHex64(); }

std::string Traceparent(absl::string_view trace_id) {
  return absl::StrCat("00-", trace_id, "-", RandomHex64(), "-01");  // 01: recorded, in logs.
}

std::string TraceIdOf(absl::string_view value) {
  if (value.size() < kLength) return "";
  if (value.size() > kLength && (absl::StartsWith(value, "00") || value[kLength] != '-')) return "";
  const bool valid = IsHex(value.substr(0, 2)) && !absl::StartsWith(value, "ff") &&
                     value[kTraceIdAt - 1] == '-' && IsHexId(value.substr(kTraceIdAt, 32)) &&
                     value[kSpanIdAt - 1] == '-' && IsHexId(value.substr(kSpanIdAt, 16)) &&
                     value[kFlagsAt - 1] == '-' && IsHex(value.substr(kFlagsAt, 2));
  return valid ? std::string(value.substr(kTraceIdAt, 32)) : "";
}

}  // namespace aislewatch
