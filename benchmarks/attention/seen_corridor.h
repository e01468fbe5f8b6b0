// A simulated corridor as the pose model and the tracker see it, beside the truth.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/roles/pose_model.h"
#include "simulator/simulation.h"
#include "simulator/truth_json.h"

namespace aislewatch {

struct SeenCorridor {
  simulator::FootageTruth truth;
  /// By frame of the truth.
  std::vector<std::vector<TrackedPerson>> found;
};

/// Renders `seconds` of the corridor of `seed` at 640x360 and ten frames a second and shows them to
/// the model and to a tracker with the pose service's settings. Blocks: a tenth of a second a
/// frame.
absl::StatusOr<SeenCorridor> SeeCorridor(PoseModel& model, uint64_t seed, double seconds);

/// A corridor that was seen before, as JSON; seeing takes minutes, and what follows does not.
absl::StatusOr<SeenCorridor> ReadCorridor(const std::string& file);
absl::Status WriteCorridor(const SeenCorridor& corridor, const std::string& file);

}  // namespace aislewatch
