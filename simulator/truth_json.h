// Ground truth as JSON; the schema is in README.md.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

/// Everything known about a piece of footage.
struct FootageTruth {
  SceneTruth scene;
  std::vector<TruthIncident> incidents;
  std::vector<TruthVisit> visits;
  std::vector<TruthFrame> frames;
};

/// One JSON object, schema 1. Numbers are rounded to 5 digits after the point.
std::string ToJson(const FootageTruth& truth);

/// Reads what ToJson wrote. INVALID_ARGUMENT names the first field that is missing or wrong.
absl::StatusOr<FootageTruth> FootageTruthFromJson(absl::string_view json);

}  // namespace aislewatch::simulator
