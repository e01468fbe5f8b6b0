// Statements, parameters and values as text, the one form that libpqxx 6.4 to 7.10 share.
//
// Parameters travel as text and PostgreSQL gives them the types that the statement asks for. Plain
// values; thread-safe.
#pragma once

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aislewatch::events {

/// A statement that a connection prepares under `name` when it first needs it.
struct Statement {
  std::string name;
  std::string text;
};

/// A time as PostgreSQL reads it, in UTC, to the microsecond.
std::string SqlTime(absl::Time time);
/// An expression that gives a timestamptz column as microseconds since 1970, which ReadTime reads.
std::string MicrosOf(absl::string_view column);
/// A text[] literal.
std::string SqlArray(const std::vector<std::string>& values);

/// An enumerator as the number that tables hold.
template <typename Enum>
int Number(Enum value) {
  return static_cast<int>(value);
}

/// Values for $1, $2, ...
class Params {
 public:
  Params& Text(std::string value) { return Push(std::move(value)); }
  Params& Int(int64_t value) { return Push(absl::StrCat(value)); }
  Params& Bool(bool value) { return Push(value ? "t" : "f"); }
  Params& Float(float value) { return Push(absl::StrCat(value)); }
  Params& Time(absl::Time value) { return Push(SqlTime(value)); }
  Params& Time(const std::optional<absl::Time>& value) {
    return value.has_value() ? Time(*value) : Null();
  }
  Params& Array(const std::vector<std::string>& values) { return Push(SqlArray(values)); }
  Params& Bytes(absl::string_view value) {
    return Push(absl::StrCat("\\x", absl::BytesToHexString(value)));
  }
  Params& Null() {
    values_.push_back(std::nullopt);
    return *this;
  }
  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  Params& Push(std::string value) {
    values_.push_back(std::move(value));
    return *this;
  }
  std::vector<std::optional<std::string>> values_;
};

/// Values of a field; a NULL is an empty text, 0 or nothing.
std::string ReadText(const pqxx::field& field);
int64_t ReadInt(const pqxx::field& field);
bool ReadBool(const pqxx::field& field);
float ReadFloat(const pqxx::field& field);
std::optional<absl::Time> ReadTime(const pqxx::field& field);
std::string ReadBytes(const pqxx::field& field);

}  // namespace aislewatch::events
