#include "common/base/ids.h"

#include <algorithm>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch {

std::string NewUuid() {
  thread_local absl::BitGen gen;
  const uint64_t high = (absl::Uniform<uint64_t>(gen) & ~0xF000ull) | 0x4000ull;
  const uint64_t low = (absl::Uniform<uint64_t>(gen) & ~(3ull << 62)) | (2ull << 62);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xffff, low >> 48, low & 0xffffffffffffull);
}

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
    if (hyphen ? c != '-' : !hex) return false;
  }
  return true;
}

absl::Status CheckId(absl::string_view id, absl::string_view what, size_t max_length) {
  const bool valid = !id.empty() && id.size() <= max_length &&
                     std::all_of(id.begin(), id.end(), [](char c) {
                       return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == ':' ||
                              c == '-';
                     });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " \"", id.substr(0, 40), "\" must be 1..", max_length,
                   " characters of A-Z, a-z, 0-9, '.', '_', ':' and '-'"));
}

}  // namespace aislewatch
