// The parsed document behind YamlFile and YamlMap. Only the sources of this folder include it.
#pragma once

#include <yaml-cpp/yaml.h>

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "common/config/yaml/yaml_file.h"

namespace aislewatch {

class YamlFile::Impl {
 public:
  Impl(YAML::Node document, std::string name) : document_(document), name_(std::move(name)) {}

  /// Registers a mapping whose keys are to be checked. `node` is a map or null.
  size_t Visit(const YAML::Node& node, const YAML::Mark& mark);
  /// The root, visited at the first call.
  size_t VisitRoot();

  /// The value of `key` in the mapping `index`, or an undefined node. Counts as asking for it.
  YAML::Node Ask(size_t index, absl::string_view key);
  /// As Ask; notes a fault where the key is missing and `required`.
  YAML::Node AskFor(size_t index, absl::string_view key, bool required);

  void AddError(const YAML::Mark& mark, std::string message);
  const YAML::Mark& mark(size_t index) const { return maps_[index].mark; }
  std::string Locate(const YAML::Mark& mark) const;
  absl::Status Report() const;

 private:
  struct Visited {
    YAML::Node node;
    YAML::Mark mark;
    std::set<std::string> asked;
  };
  struct Fault {
    int line;
    int column;
    std::string message;
  };

  static Fault MakeFault(const YAML::Mark& mark, std::string message);
  void CheckKeys(const Visited& map, std::vector<Fault>& faults) const;

  YAML::Node document_;
  std::string name_;
  std::deque<Visited> maps_;
  std::vector<Fault> faults_;
  bool root_visited_ = false;
};

}  // namespace aislewatch
