// Reading YAML settings so that a person can mend them in one go.
//
// Getters never fail: each fault is noted with file, line, column and a remedy, a stand-in is
// returned, and YamlFile::status() reports everything at the end, keys that nobody asked for
// included ("did you mean"). So a reader is a plain list of getters:
//
//   AW_ASSIGN_OR_RETURN(YamlFile file, YamlFile::Load(path));
//   YamlMap root = file.root();
//   config.port = root.Integer("port", {1, 65535}, 8080);
//   for (YamlMap camera : root.Maps("cameras")) config.cameras.push_back(ReadCamera(camera));
//   AW_RETURN_IF_ERROR(file.status());
//
// Not thread-safe. A YamlMap is a cheap handle and must not outlive its YamlFile. Load blocks on
// the disk. Nothing throws. Files above 1 MiB are refused.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace aislewatch {

class YamlMap;

/// A parsed document and the faults found in it so far.
class YamlFile {
 public:
  /// NOT_FOUND or PERMISSION_DENIED where the file cannot be read; INVALID_ARGUMENT with
  /// file:line:column where it is no YAML.
  static absl::StatusOr<YamlFile> Load(const std::string& path);
  /// The same for text in memory; `name` stands for the file in messages.
  static absl::StatusOr<YamlFile> Parse(absl::string_view text, absl::string_view name);

  YamlFile(YamlFile&&) noexcept;
  YamlFile& operator=(YamlFile&&) noexcept;
  ~YamlFile();

  /// The outermost mapping; an empty one for an empty document.
  YamlMap root();

  /// OK, or INVALID_ARGUMENT with one line per fault in the file's order. Call it after the last
  /// getter: keys of visited mappings that no getter asked for are faults.
  absl::Status status() const;

 private:
  friend class YamlMap;
  class Impl;
  explicit YamlFile(std::unique_ptr<Impl> impl);

  // On the heap so that handles stay valid when the YamlFile is moved.
  std::unique_ptr<Impl> impl_;
};

/// Bounds of a number, both included.
struct YamlRange {
  double min = -std::numeric_limits<double>::max();
  double max = std::numeric_limits<double>::max();
};

/// Bounds of a duration, both included.
struct YamlDurationRange {
  absl::Duration min = absl::ZeroDuration();
  absl::Duration max = absl::Hours(24 * 366);
};

/// One mapping. Where a getter has no fallback the key is required. Where a value is faulty the
/// fallback, or an empty value within the bounds, is returned.
class YamlMap {
 public:
  /// Whether the key is there. Counts as asking for it.
  bool Has(absl::string_view key) const;

  std::string String(absl::string_view key, std::optional<std::string> fallback = {}) const;
  bool Bool(absl::string_view key, std::optional<bool> fallback = {}) const;
  /// A finite number.
  double Number(absl::string_view key, YamlRange range, std::optional<double> fallback = {}) const;
  /// A whole number.
  int64_t Integer(absl::string_view key, YamlRange range,
                  std::optional<int64_t> fallback = {}) const;
  /// Such as 10s, 500ms, 1h30m.
  absl::Duration Duration(absl::string_view key, YamlDurationRange range,
                          std::optional<absl::Duration> fallback = {}) const;
  /// One of `choices`; returns its index.
  size_t Choice(absl::string_view key, absl::Span<const absl::string_view> choices,
                std::optional<size_t> fallback = {}) const;
  /// A list of strings; empty where the key is missing.
  std::vector<std::string> Strings(absl::string_view key) const;
  /// A list of lists of `count` numbers each, for example points; required.
  std::vector<std::vector<double>> Rows(absl::string_view key, size_t count, YamlRange range) const;
  /// A mapping; an empty one where the key is missing.
  YamlMap Map(absl::string_view key) const;
  /// A list of mappings; empty where the key is missing.
  std::vector<YamlMap> Maps(absl::string_view key) const;

  /// Notes a fault that the caller found in the value of `key`, or, where that is missing or
  /// `key` is empty, in the whole mapping.
  void AddError(absl::string_view key, absl::string_view message) const;

  /// Where the mapping begins, as "file:line:column".
  std::string location() const;

 private:
  friend class YamlFile;
  YamlMap(YamlFile::Impl* file, size_t index) : file_(file), index_(index) {}

  YamlFile::Impl* file_;
  size_t index_;
};

}  // namespace aislewatch
