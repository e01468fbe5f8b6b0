// Zones and rules from YAML; docs/rules.md describes the fields.
//
// Faults are noted in the YamlFile with their lines; look at its status() afterwards.
#pragma once

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/config/yaml/yaml_file.h"
#include "common/scene/scene.h"

namespace aislewatch {

/// The list "zones" of `map`; empty where there is none.
std::vector<Zone> ReadZones(const YamlMap& map);

/// The list "rules" of `map`, defaults filled in; empty where there is none. `zones`: those that
/// rules may name, or nothing where they are not known here.
std::vector<Rule> ReadRules(const YamlMap& map, std::optional<absl::Span<const Zone>> zones);

}  // namespace aislewatch
