// How near one track comes to each shop window and shelf, how long it looks there and stays there.
//
// A visit begins when the track is near a zone and ends when it has been away for kAway, or is
// gone. Somebody looks at a zone where their head's direction on the floor meets it within kReach;
// see docs/insights.md for what the numbers below are chosen for. Not thread-safe. Memory: one
// entry for each zone that the track is near, at most kMaxZones.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/scene/scene.h"
#include "services/fusion/core/floor_view.h"
#include "services/fusion/core/visit.h"
#include "services/fusion/core/zone_stays.h"

namespace aislewatch::fusion {

/// Adds up stretches of time in which something holds: gaps up to `bridge` belong to them, those
/// shorter than `least` do not count.
class Stretches {
 public:
  Stretches(absl::Duration least, absl::Duration bridge) : least_(least), bridge_(bridge) {}
  /// `now` never falls.
  void Add(absl::Time now, bool holds);
  /// With the stretch that goes on.
  absl::Duration total() const {
    return total_ + (counts() ? last_ - since_ : absl::ZeroDuration());
  }
  /// Whether a stretch that counts goes on.
  bool counts() const { return on_ && last_ - since_ >= least_; }
  /// When the first that counts began.
  std::optional<absl::Time> first() const { return counts() && !first_ ? since_ : first_; }

 private:
  void End();

  const absl::Duration least_;
  const absl::Duration bridge_;
  bool on_ = false;
  absl::Time since_;
  absl::Time last_;
  absl::Duration total_;
  std::optional<absl::Time> first_;
};

class ZoneAttention {
 public:
  /// In heights of the person's body, on the floor: what is near, and how far a look counts.
  static constexpr float kNear = 1.5f;
  static constexpr float kReach = 1.5f;
  /// The sine of the least angle to the edge of a zone at which it is looked at (30 degrees): rays
  /// that graze it see along the windows, not into them.
  static constexpr float kLeastSteepness = 0.5f;
  /// Who stands in a zone looks at it where so much of it lies ahead, in body heights.
  static constexpr float kLeastAhead = 0.15f;
  /// To either side of the head's direction, radians (12 degrees): eyes turn too.
  static constexpr float kTolerance = 0.21f;
  /// Who walks, from so many body heights in a second on, and has the head within so much of the
  /// way (radians; 40 degrees) looks where they go, and at a zone only where they enter it.
  static constexpr float kWalking = 0.25f;
  static constexpr float kAhead = 0.7f;
  static constexpr absl::Duration kLeastLook = absl::Milliseconds(500);
  static constexpr absl::Duration kLookGap = absl::Milliseconds(500);
  static constexpr absl::Duration kLeastStay = absl::Milliseconds(500);
  static constexpr absl::Duration kStayGap = absl::Seconds(1);
  /// Shorter visits are no passers-by, but false finds.
  static constexpr absl::Duration kLeastVisit = absl::Milliseconds(500);
  static constexpr absl::Duration kAway = absl::Seconds(10);
  /// Over so long the head's direction is averaged.
  static constexpr absl::Duration kSmoothing = absl::Milliseconds(250);

  /// Where the track is in one frame. Anything may be no number.
  struct Sample {
    NormalizedPoint standing;
    /// In heights of the picture.
    float body_height = 0;
    float aspect = 1;
    std::optional<Heading> head;
    absl::Time now;
    absl::Time captured;
  };

  /// `zones` is the same list in every call; `stays` those of this frame. Visits that it ends,
  /// without ids, go to `ended`.
  void Update(absl::Span<const Zone> zones, const Sample& sample, absl::Span<const Stay> stays,
              std::vector<Visit>& ended);
  /// The same for a frame in which the track is not seen.
  void Pass(absl::Span<const Zone> zones, absl::Time now, std::vector<Visit>& ended);
  /// The track is gone: everything ends.
  void End(absl::Span<const Zone> zones, std::vector<Visit>& ended);

  /// Zones looked at in the last Update, by looks that count already.
  std::vector<size_t> LookedAt() const;

 private:
  struct Open {
    absl::Time begin;
    absl::Time captured;
    absl::Time last_near;
    Stretches looks{kLeastLook, kLookGap};
    // With what they saw on their way.
    Stretches with_way{kLeastLook, kLookGap};
    Stretches stays{kLeastStay, kStayGap};
  };

  std::optional<Heading> Smooth(const Sample& sample);
  void Follow(const Sample& sample);
  bool LooksAhead(const Sample& sample, Heading head) const;
  static bool Meets(const Zone& zone, const Sample& sample, Heading head);
  static void Finish(const Zone& zone, const Open& open, std::vector<Visit>& ended);

  // By the zone's index.
  std::map<size_t, Open> open_;
  // On average of the last moments.
  std::optional<Heading> head_;
  absl::Time head_time_;
  // Where the track stood on average of the last moments; the speed carries it ahead of that.
  std::optional<FloorPoint> behind_;
  absl::Time place_time_;
  FloorPoint velocity_;
};

/// Whether attention is counted at zones of this kind.
inline bool HasAttention(ZoneKind kind) {
  return kind == ZoneKind::kStorefront || kind == ZoneKind::kShelf;
}

}  // namespace aislewatch::fusion
