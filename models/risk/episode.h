// What the weights of the risk are fitted to: people's scores over time, and whether they hid an
// item or fought meanwhile.
//
// Plain values; the functions are stateless and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/risk/risk_model.h"

namespace aislewatch::risk_training {

/// What fusion knew of somebody in one frame.
struct Moment {
  /// Position in the footage.
  absl::Duration time;
  RiskInputs inputs;
};

/// One person as the tracker followed them, times rising.
using TrackMoments = std::vector<Moment>;

/// A stretch of footage that either holds an act or does not, whatever else happens in it: somebody
/// hiding one item, a person's whole stay without one, or a recorded clip.
struct Episode {
  /// The data set, for example "simulator".
  std::string source;
  /// What is like it: episodes of one group are never both learnt from and judged.
  std::string group;
  /// Unset where this episode says nothing of the kind.
  std::optional<bool> conceals;
  std::optional<bool> fights;
  /// Whoever was in it. For an act, those who did it.
  std::vector<TrackMoments> tracks;
};

/// One line of JSON for each episode.
std::string EpisodesToJsonLines(const std::vector<Episode>& episodes);

/// Reads what EpisodesToJsonLines wrote. INVALID_ARGUMENT with the line's number for anything else.
absl::StatusOr<std::vector<Episode>> EpisodesFromJsonLines(absl::string_view text);

}  // namespace aislewatch::risk_training
