#include "common/capture/source_url.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

constexpr int kMaxDevice = 255;

int HexDigit(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  const char lower = absl::ascii_tolower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 3986, 2.1. Nothing where a '%' is not followed by two hexadecimal digits or gives a NUL.
std::optional<std::string> PercentDecode(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

absl::StatusOr<SourceUrl> ParseFile(absl::string_view url) {
  absl::string_view path = url;
  if (absl::ConsumePrefix(&path, "file://")) {
    absl::ConsumePrefix(&path, "localhost");
    const std::optional<std::string> decoded = PercentDecode(path);
    if (!decoded.has_value() || !absl::StartsWith(*decoded, "/")) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", url, "\": write the path in full, for example file:///videos/aisle.mp4"));
    }
    return SourceUrl{SourceKind::kFile, *decoded, std::string(url), 0};
  }
  return SourceUrl{SourceKind::kFile, std::string(path), std::string(url), 0};
}

absl::StatusOr<SourceUrl> ParseDevice(absl::string_view url, absl::string_view number) {
  int device = -1;
  if (!absl::SimpleAtoi(number, &device) || device < 0 || device > kMaxDevice) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", url, "\": write device:N with the N of /dev/videoN, 0..", kMaxDevice));
  }
  return SourceUrl{SourceKind::kDevice, std::string(url), std::string(url), device};
}

absl::StatusOr<SourceUrl> ParseStream(SourceKind kind, absl::string_view url,
                                      absl::string_view scheme) {
  const std::string masked = MaskPasswords(url);
  absl::string_view rest = url.substr(scheme.size() + 3);
  absl::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const absl::string_view host = authority.substr(authority.rfind('@') + 1);
  if (host.empty() || host.front() == ':') {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", masked, "\" names no host; write for example rtsp://10.0.0.7:554/stream1"));
  }
  return SourceUrl{kind, std::string(url), masked, 0};
}

}  // namespace

absl::StatusOr<SourceUrl> ParseSourceUrl(absl::string_view url) {
  if (url.empty()) return absl::InvalidArgumentError("the source address is empty");
  const bool control = std::any_of(url.begin(), url.end(),
                                   [](char c) { return absl::ascii_iscntrl(c); });
  if (control) return absl::InvalidArgumentError("the source address holds control characters");
  absl::string_view device = url;
  if (absl::ConsumePrefix(&device, "device:")) return ParseDevice(url, device);
  const size_t end = url.find("://");
  if (end == absl::string_view::npos) return ParseFile(url);
  const std::string scheme = absl::AsciiStrToLower(url.substr(0, end));
  if (scheme == "file") return ParseFile(url);
  if (scheme == "rtsp" || scheme == "rtsps") return ParseStream(SourceKind::kRtsp, url, scheme);
  if (scheme == "http" || scheme == "https") return ParseStream(SourceKind::kHttp, url, scheme);
  return absl::InvalidArgumentError(
      absl::StrCat("\"", MaskPasswords(url), "\": sources are rtsp://, rtsps://, http://, ",
                   "https://, file:///path, device:N or a path"));
}

std::string MaskPasswords(absl::string_view text) {
  std::string out;
  while (true) {
    const size_t scheme = text.find("://");
    if (scheme == absl::string_view::npos) break;
    out.append(text.data(), scheme + 3);
    text.remove_prefix(scheme + 3);
    // Passwords with an unescaped '@' or '/' are wrong but common: everything from the first ':'
    // up to the last '@' of the word goes.
    const absl::string_view word = text.substr(0, text.find_first_of(" \t\n\"'<>"));
    const absl::string_view path_free = word.substr(0, word.find_first_of("/?#"));
    size_t at = path_free.rfind('@');
    if (at == absl::string_view::npos) at = word.rfind('@');
    const size_t colon = word.find(':');
    if (at == absl::string_view::npos || colon == absl::string_view::npos || colon > at) continue;
    absl::StrAppend(&out, word.substr(0, colon), ":***");
    text.remove_prefix(at);
  }
  absl::StrAppend(&out, text);
  return out;
}

}  // namespace aislewatch
