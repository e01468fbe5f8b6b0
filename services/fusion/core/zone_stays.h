// Which zones one track is in, and for how long.
//
// Somebody enters a zone when their foot point is in it. They leave when it is clearly outside
// (farther than kMargin from the edge) or has been outside at all for kLeaveAfter: a box that
// trembles at the edge neither leaves nor enters anew. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/scene/scene.h"

namespace aislewatch::fusion {

/// A stay of a track in a zone.
struct Stay {
  /// Index of the zone in the camera's list.
  size_t zone = 0;
  /// Since it began.
  absl::Duration dwell;
  /// Counts the track's stays in this zone, from 1.
  uint32_t visit = 0;
};

class ZoneStays {
 public:
  /// Fraction of the picture.
  static constexpr float kMargin = 0.02f;
  static constexpr absl::Duration kLeaveAfter = absl::Seconds(1);

  /// Takes where the track stands. `zones` is the same list in every call. `foot` is limited to
  /// the picture, since boxes of people cut by its edge reach beyond it.
  void Update(absl::Span<const Zone> zones, NormalizedPoint foot, absl::Time now);

  /// The stays at the last Update, by zone.
  std::vector<Stay> Stays() const;

 private:
  struct State {
    bool inside = false;
    uint32_t visits = 0;
    absl::Time since;
    // Last time that the foot point was really in the polygon.
    absl::Time last_in;
  };

  std::vector<State> states_;
  absl::Time now_;
};

}  // namespace aislewatch::fusion
