#include "services/events/adapters/postgres/sql.h"

#include <charconv>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace aislewatch::events {
namespace {

// By hand, for no form of absl::HexStringToBytes is free of warnings on Debian 12 and 13 alike.
std::string DecodeHex(absl::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    uint8_t byte = 0;
    if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
      throw pqxx::conversion_error(absl::StrCat("not a hexadecimal byte: ", hex.substr(2 * i, 2)));
    }
    bytes[i] = static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

std::string SqlTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E6S+00", time, absl::UTCTimeZone());
}

std::string MicrosOf(absl::string_view column) {
  return absl::StrCat("(extract(epoch from ", column, ") * 1000000)::bigint");
}

std::string SqlArray(const std::vector<std::string>& values) {
  return absl::StrCat(
      "{",
      absl::StrJoin(values, ",",
                    [](std::string* out, const std::string& value) {
                      absl::StrAppend(out, "\"",
                                      absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}),
                                      "\"");
                    }),
      "}");
}

std::string ReadText(const pqxx::field& field) {
  return field.is_null() ? "" : std::string(field.c_str(), field.size());
}

int64_t ReadInt(const pqxx::field& field) {
  int64_t value = 0;
  if (!field.is_null() && !absl::SimpleAtoi(field.c_str(), &value)) {
    throw pqxx::conversion_error(absl::StrCat("not a number: ", field.c_str()));
  }
  return value;
}

bool ReadBool(const pqxx::field& field) { return !field.is_null() && field.c_str()[0] == 't'; }

float ReadFloat(const pqxx::field& field) {
  float value = 0;
  if (!field.is_null() && !absl::SimpleAtof(field.c_str(), &value)) {
    throw pqxx::conversion_error(absl::StrCat("not a number: ", field.c_str()));
  }
  return value;
}

std::optional<absl::Time> ReadTime(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return absl::FromUnixMicros(ReadInt(field));
}

std::string ReadBytes(const pqxx::field& field) {
  if (field.is_null()) return "";
  return DecodeHex(absl::StripPrefix(absl::string_view(field.c_str(), field.size()), "\\x"));
}

}  // namespace aislewatch::events
