#include "models/pose_anomaly/dataset/npy.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr absl::string_view kMagic("\x93NUMPY", 6);

absl::Status Bad(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": ", what, "; expected a one-dimensional int64 .npy file"));
}

uint32_t LittleEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

// What stands after "'key':" in the header's Python dictionary, up to the end of the header.
std::optional<absl::string_view> HeaderValue(absl::string_view header, absl::string_view key) {
  const std::string quoted = absl::StrCat("'", key, "':");
  const size_t at = header.find(quoted);
  if (at == absl::string_view::npos) return std::nullopt;
  return absl::StripLeadingAsciiWhitespace(header.substr(at + quoted.size()));
}

// The length in a shape "(n,)".
std::optional<uint64_t> OneDimension(absl::string_view shape) {
  if (!absl::StartsWith(shape, "(")) return std::nullopt;
  const size_t comma = shape.find(',');
  const size_t close = shape.find(')');
  if (comma == absl::string_view::npos || close == absl::string_view::npos) return std::nullopt;
  if (comma > close) return std::nullopt;
  if (!absl::StripAsciiWhitespace(shape.substr(comma + 1, close - comma - 1)).empty()) {
    return std::nullopt;
  }
  uint64_t length = 0;
  if (!absl::SimpleAtoi(shape.substr(1, comma - 1), &length)) return std::nullopt;
  return length;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ParseNpyInt64(absl::string_view name,
                                                   absl::string_view bytes) {
  if (bytes.size() < 10 || !absl::StartsWith(bytes, kMagic)) return Bad(name, "no NumPy file");
  const int version = bytes[6];
  if (version != 1 && version != 2) return Bad(name, "unknown format version");
  const size_t length_size = version == 1 ? 2 : 4;
  if (bytes.size() < 8 + length_size) return Bad(name, "truncated header");
  const size_t header_size = LittleEndian(bytes.substr(8, length_size));
  bytes.remove_prefix(8 + length_size);
  if (bytes.size() < header_size) return Bad(name, "truncated header");
  const absl::string_view header = bytes.substr(0, header_size);
  bytes.remove_prefix(header_size);

  const auto descr = HeaderValue(header, "descr");
  if (!descr || !absl::StartsWith(*descr, "'<i8'")) return Bad(name, "dtype is not '<i8'");
  const auto shape = HeaderValue(header, "shape");
  const std::optional<uint64_t> length = shape ? OneDimension(*shape) : std::nullopt;
  if (!length) return Bad(name, "shape is not (n,)");
  if (bytes.size() % sizeof(int64_t) != 0 || bytes.size() / sizeof(int64_t) != *length) {
    return Bad(name, absl::StrCat("header promises ", *length, " values but ", bytes.size(),
                                  " bytes of data follow"));
  }
  std::vector<int64_t> values(*length);
  // Debian's supported machines for this product are little-endian, like the file.
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened for reading"));
  std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return absl::NotFoundError(absl::StrCat(path, ": reading failed"));
  return content;
}

}  // namespace aislewatch::pose_anomaly
