// Simulated stores as episodes: every act, and everybody's stay without acts.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "cli/analysis/simulated_analysis.h"
#include "cli/risk/moment_log.h"
#include "models/risk/episode.h"

namespace aislewatch {

/// Cuts one store's tracks into episodes of the group `group`. An act's episode begins half a
/// second before it and ends two seconds after it, by when an alarm is wanted. What is left of a
/// track, from five seconds after an act on, is an episode without one; acts that the footage cuts
/// off are in neither.
std::vector<risk_training::Episode> SimulatedEpisodes(const MomentLog& log,
                                                      const SimulationScores& scores,
                                                      const std::string& group);

}  // namespace aislewatch
