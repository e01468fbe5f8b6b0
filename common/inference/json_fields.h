// Reading a JSON object's fields while collecting every fault instead of stopping at the first.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// Reads the fields of one JSON object by name. Faults go to a list that several readers share.
/// Finish() reports the fields that nobody asked for. Not thread-safe.
class JsonFields {
 public:
  /// `object` and `faults` must outlive the reader. `path` is put before names in messages.
  JsonFields(const nlohmann::json& object, std::string path, std::vector<std::string>& faults);

  /// A string, not empty where `required`. Empty where there is none.
  std::string Text(const std::string& name, bool required = true);
  /// A whole number in min..max, or `fallback` where there is none.
  int64_t Whole(const std::string& name, int64_t fallback, int64_t min, int64_t max);
  /// A number in min..max, or `fallback` where there is none.
  double Number(const std::string& name, double fallback, double min, double max);
  std::vector<int64_t> WholeList(const std::string& name, int64_t min, int64_t max);
  std::vector<double> NumberList(const std::string& name);
  std::vector<std::string> TextList(const std::string& name);
  /// The object called `name`, or an empty one where there is none.
  nlohmann::json Object(const std::string& name);
  bool Has(const std::string& name) const;
  void Fault(absl::string_view name, absl::string_view what);
  /// Adds a fault for each field that was not read.
  void Finish();
  std::string PathOf(absl::string_view name) const;

 private:
  const nlohmann::json* Find(const std::string& name);

  const nlohmann::json& object_;
  const std::string path_;
  std::vector<std::string>& faults_;
  std::set<std::string> read_;
};

/// OK where there are no faults, else INVALID_ARGUMENT with all of them.
absl::Status FaultsToStatus(absl::string_view what, const std::vector<std::string>& faults);

}  // namespace aislewatch
