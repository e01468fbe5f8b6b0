#include "common/inference/json_fields.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aislewatch {

JsonFields::JsonFields(const nlohmann::json& object, std::string path,
                       std::vector<std::string>& faults)
    : object_(object), path_(std::move(path)), faults_(faults) {}

std::string JsonFields::PathOf(absl::string_view name) const {
  return path_.empty() ? std::string(name) : absl::StrCat(path_, ".", name);
}

void JsonFields::Fault(absl::string_view name, absl::string_view what) {
  faults_.push_back(absl::StrCat(PathOf(name), ": ", what));
}

bool JsonFields::Has(const std::string& name) const { return object_.contains(name); }

const nlohmann::json* JsonFields::Find(const std::string& name) {
  read_.insert(name);
  const auto it = object_.find(name);
  return it == object_.end() ? nullptr : &*it;
}

std::string JsonFields::Text(const std::string& name, bool required) {
  const nlohmann::json* value = Find(name);
  if (value == nullptr) {
    if (required) Fault(name, "is missing");
    return "";
  }
  if (!value->is_string()) {
    Fault(name, "must be a string");
    return "";
  }
  auto text = value->get<std::string>();
  if (required && text.empty()) Fault(name, "must not be empty");
  return text;
}

int64_t JsonFields::Whole(const std::string& name, int64_t fallback, int64_t min, int64_t max) {
  const nlohmann::json* value = Find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number_integer() || *value < min || *value > max) {
    Fault(name, absl::StrCat("must be a whole number of ", min, "..", max));
    return fallback;
  }
  return value->get<int64_t>();
}

double JsonFields::Number(const std::string& name, double fallback, double min, double max) {
  const nlohmann::json* value = Find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number() || *value < min || *value > max) {
    Fault(name, absl::StrCat("must be a number of ", min, "..", max));
    return fallback;
  }
  return value->get<double>();
}

std::vector<int64_t> JsonFields::WholeList(const std::string& name, int64_t min, int64_t max) {
  std::vector<int64_t> list;
  const nlohmann::json* value = Find(name);
  if (value == nullptr) return list;
  bool good = value->is_array();
  if (good) {
    for (const nlohmann::json& item : *value) {
      good = good && item.is_number_integer() && item >= min && item <= max;
      if (good) list.push_back(item.get<int64_t>());
    }
  }
  if (!good) Fault(name, absl::StrCat("must be a list of whole numbers of ", min, "..", max));
  return list;
}

std::vector<double> JsonFields::NumberList(const std::string& name) {
  std::vector<double> list;
  const nlohmann::json* value = Find(name);
  if (value == nullptr) return list;
  bool good = value->is_array();
  if (good) {
    for (const nlohmann::json& item : *value) {
      good = good && item.is_number() && std::isfinite(item.get<double>());
      if (good) list.push_back(item.get<double>());
    }
  }
  if (!good) Fault(name, "must be a list of numbers");
  return list;
}

std::vector<std::string> JsonFields::TextList(const std::string& name) {
  std::vector<std::string> list;
  const nlohmann::json* value = Find(name);
  if (value == nullptr) return list;
  bool good = value->is_array();
  if (good) {
    for (const nlohmann::json& item : *value) {
      good = good && item.is_string() && !item.get_ref<const std::string&>().empty();
      if (good) list.push_back(item.get<std::string>());
    }
  }
  if (!good) Fault(name, "must be a list of strings, none empty");
  return list;
}

nlohmann::json JsonFields::Object(const std::string& name) {
  const nlohmann::json* value = Find(name);
  if (value != nullptr && value->is_object()) return *value;
  if (value != nullptr) Fault(name, "must be an object");
  return nlohmann::json::object();
}

void JsonFields::Finish() {
  for (const auto& [name, value] : object_.items()) {
    if (read_.count(name) == 0) Fault(name, "is no known field");
  }
}

absl::Status FaultsToStatus(absl::string_view what, const std::vector<std::string>& faults) {
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", absl::StrJoin(faults, "; ")));
}

}  // namespace aislewatch
