#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/config/yaml/suggest.h"
#include "common/config/yaml/yaml_file.h"
#include "common/config/yaml/yaml_file_impl.h"

namespace aislewatch {
namespace {

// "key" is <what stands there>; quoted and shortened.
std::string Is(absl::string_view key, const YAML::Node& value) {
  if (value.IsNull()) return absl::StrCat("\"", key, "\" has no value");
  if (value.IsSequence()) return absl::StrCat("\"", key, "\" is a list");
  if (value.IsMap()) return absl::StrCat("\"", key, "\" is a mapping");
  return absl::StrCat("\"", key, "\" is \"", value.Scalar().substr(0, 40), "\"");
}

std::string Bounds(const YamlRange& range, absl::string_view what) {
  const YamlRange open;
  if (range.min > open.min && range.max < open.max) {
    return absl::StrCat("write ", what, " in ", range.min, "..", range.max);
  }
  if (range.min > open.min) return absl::StrCat("write ", what, " of at least ", range.min);
  if (range.max < open.max) return absl::StrCat("write ", what, " of at most ", range.max);
  return absl::StrCat("write ", what);
}

std::optional<double> ParseNumber(const YAML::Node& value, const YamlRange& range) {
  double number = 0;
  if (!value.IsScalar() || !absl::SimpleAtod(value.Scalar(), &number)) return std::nullopt;
  if (!std::isfinite(number) || number < range.min || number > range.max) return std::nullopt;
  return number;
}

// A value that callers can go on with until the faults are reported.
double StandIn(const YamlRange& range) { return std::clamp(0.0, range.min, range.max); }

}  // namespace

bool YamlMap::Has(absl::string_view key) const { return file_->Ask(index_, key).IsDefined(); }

std::string YamlMap::String(absl::string_view key, std::optional<std::string> fallback) const {
  const YAML::Node value = file_->AskFor(index_, key, !fallback);
  if (value.IsDefined() && value.IsScalar()) return value.Scalar();
  if (value.IsDefined()) {
    file_->AddError(value.Mark(), absl::StrCat(Is(key, value),
                                               "; write one text, in quotes where "
                                               "it holds special characters"));
  }
  return std::move(fallback).value_or("");
}

bool YamlMap::Bool(absl::string_view key, std::optional<bool> fallback) const {
  const YAML::Node value = file_->AskFor(index_, key, !fallback);
  if (!value.IsDefined()) return fallback.value_or(false);
  if (value.IsScalar() && value.Scalar() == "true") return true;
  if (value.IsScalar() && value.Scalar() == "false") return false;
  file_->AddError(value.Mark(), absl::StrCat(Is(key, value), "; write true or false"));
  return fallback.value_or(false);
}

double YamlMap::Number(absl::string_view key, YamlRange range,
                       std::optional<double> fallback) const {
  const YAML::Node value = file_->AskFor(index_, key, !fallback);
  if (!value.IsDefined()) return fallback.value_or(StandIn(range));
  if (const auto number = ParseNumber(value, range)) return *number;
  file_->AddError(value.Mark(), absl::StrCat(Is(key, value), "; ", Bounds(range, "a number")));
  return fallback.value_or(StandIn(range));
}

int64_t YamlMap::Integer(absl::string_view key, YamlRange range,
                         std::optional<int64_t> fallback) const {
  const YAML::Node value = file_->AskFor(index_, key, !fallback);
  const int64_t stand_in = static_cast<int64_t>(StandIn(range));
  if (!value.IsDefined()) return fallback.value_or(stand_in);
  int64_t number = 0;
  if (value.IsScalar() && absl::SimpleAtoi(value.Scalar(), &number) &&
      static_cast<double>(number) >= range.min && static_cast<double>(number) <= range.max) {
    return number;
  }
  file_->AddError(value.Mark(),
                  absl::StrCat(Is(key, value), "; ", Bounds(range, "a whole number")));
  return fallback.value_or(stand_in);
}

absl::Duration YamlMap::Duration(absl::string_view key, YamlDurationRange range,
                                 std::optional<absl::Duration> fallback) const {
  const YAML::Node value = file_->AskFor(index_, key, !fallback);
  if (!value.IsDefined()) return fallback.value_or(range.min);
  absl::Duration duration;
  if (value.IsScalar() && absl::ParseDuration(value.Scalar(), &duration) && duration >= range.min &&
      duration <= range.max) {
    return duration;
  }
  file_->AddError(
      value.Mark(),
      absl::StrCat(Is(key, value), "; write a duration such as 10s, 500ms or 1h30m, ",
                   absl::FormatDuration(range.min), "..", absl::FormatDuration(range.max)));
  return fallback.value_or(range.min);
}

size_t YamlMap::Choice(absl::string_view key, absl::Span<const absl::string_view> choices,
                       std::optional<size_t> fallback) const {
  const YAML::Node value = file_->AskFor(index_, key, !fallback);
  if (!value.IsDefined()) return fallback.value_or(0);
  if (value.IsScalar()) {
    const auto it = std::find(choices.begin(), choices.end(), value.Scalar());
    if (it != choices.end()) return static_cast<size_t>(it - choices.begin());
  }
  const std::string given = value.IsScalar() ? value.Scalar() : "";
  file_->AddError(value.Mark(), absl::StrCat(Is(key, value), "; ",
                                             Suggest(given, {choices.begin(), choices.end()})));
  return fallback.value_or(0);
}

std::vector<std::string> YamlMap::Strings(absl::string_view key) const {
  const YAML::Node value = file_->Ask(index_, key);
  std::vector<std::string> strings;
  if (!value.IsDefined()) return strings;
  if (!value.IsSequence()) {
    file_->AddError(value.Mark(), absl::StrCat(Is(key, value), "; write a list such as [a, b]"));
    return strings;
  }
  for (const auto& item : value) {
    if (item.IsScalar()) {
      strings.push_back(item.Scalar());
    } else {
      file_->AddError(item.Mark(), absl::StrCat("an entry of \"", key, "\" must be one text"));
    }
  }
  return strings;
}

std::vector<std::vector<double>> YamlMap::Rows(absl::string_view key, size_t count,
                                               YamlRange range) const {
  const YAML::Node value = file_->AskFor(index_, key, /*required=*/true);
  std::vector<std::vector<double>> rows;
  if (!value.IsDefined()) return rows;
  if (!value.IsSequence()) {
    file_->AddError(value.Mark(), absl::StrCat(Is(key, value), "; write a list of lists of ", count,
                                               " numbers, such as [[0, 0.5], [1, 0.5]]"));
    return rows;
  }
  for (const auto& item : value) {
    std::vector<double> row;
    for (const auto& cell : item) {
      if (const auto number = ParseNumber(cell, range)) row.push_back(*number);
    }
    if (!item.IsSequence() || item.size() != count || row.size() != count) {
      file_->AddError(item.Mark(), absl::StrCat("an entry of \"", key, "\" must be a list of ",
                                                count, "; ", Bounds(range, "numbers")));
      continue;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

YamlMap YamlMap::Map(absl::string_view key) const {
  const YAML::Node value = file_->Ask(index_, key);
  const YAML::Mark mark = value.IsDefined() ? value.Mark() : file_->mark(index_);
  if (value.IsDefined() && value.IsMap()) return YamlMap(file_, file_->Visit(value, mark));
  if (value.IsDefined() && !value.IsNull()) {
    file_->AddError(mark, absl::StrCat(Is(key, value), "; write \"key: value\" lines under it"));
  }
  return YamlMap(file_, file_->Visit(YAML::Node(), mark));
}

std::vector<YamlMap> YamlMap::Maps(absl::string_view key) const {
  const YAML::Node value = file_->Ask(index_, key);
  std::vector<YamlMap> maps;
  if (!value.IsDefined() || value.IsNull()) return maps;
  if (!value.IsSequence()) {
    file_->AddError(value.Mark(), absl::StrCat(Is(key, value),
                                               "; write a list: every entry "
                                               "starts with \"- \""));
    return maps;
  }
  for (const auto& item : value) {
    if (item.IsMap()) {
      maps.push_back(YamlMap(file_, file_->Visit(item, item.Mark())));
    } else {
      file_->AddError(item.Mark(),
                      absl::StrCat("an entry of \"", key, "\" must hold \"key: value\" lines"));
    }
  }
  return maps;
}

void YamlMap::AddError(absl::string_view key, absl::string_view message) const {
  const YAML::Node value =
      key.empty() ? YAML::Node(YAML::NodeType::Undefined) : file_->Ask(index_, key);
  file_->AddError(value.IsDefined() ? value.Mark() : file_->mark(index_), std::string(message));
}

std::string YamlMap::location() const { return file_->Locate(file_->mark(index_)); }

}  // namespace aislewatch
