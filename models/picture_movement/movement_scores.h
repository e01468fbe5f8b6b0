// How much a picture moves, and in how many directions at once: as a whole, and where it moves
// most.
//
// Plain values; stateless and thread-safe.
#pragma once

#include <array>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "models/picture_movement/movement_grid.h"

namespace aislewatch::picture_movement {

/// Slower places, in picture heights per second, count as still: flow trembles.
inline constexpr float kLeastSpeed = 0.06f;

/// How much moves in each of eight directions. Every place that moves votes for its direction with
/// its speed.
class DirectionVotes {
 public:
  static constexpr size_t kDirections = 8;

  void Add(const Velocity& velocity);
  void Add(const DirectionVotes& others);
  double Total() const;

  /// The entropy of the directions: 0 where everything that moves does so in one direction, or
  /// nothing moves, to 1 where as much moves in each.
  double Disorder() const;

 private:
  std::array<double, kDirections> votes_{};
};

/// Measures of a clip, in the order of its movement numbers. A window is a square of a third of the
/// picture's height: who fights does so in one place, whatever the picture shows besides.
inline constexpr std::array<absl::string_view, 5> kClipMeasures = {
    "disorder",          // of the votes of all places and frames
    "disorder_busiest",  // of the window in which most moves
    "amount",            // log of the mean speed of all places
    "acceleration",      // log of the mean change of a place's velocity, per second
    "camera",            // log of the mean speed of the picture as a whole
};

/// One for each of kClipMeasures; those of a clip in which nothing moves where `grids` is empty.
/// Grids of another size than the first count for nothing.
std::vector<float> MeasureClip(absl::Span<const MovementGrid> grids);

}  // namespace aislewatch::picture_movement
