// Which zones a rule looks at. Immutable, thread-safe.
#pragma once

#include <algorithm>
#include <vector>

#include "absl/types/span.h"
#include "common/scene/scene.h"
#include "services/fusion/core/track_book.h"

namespace aislewatch::fusion {

class ZoneScope {
 public:
  /// The rule's zone_ids; where it names none, every zone of the kind that fits the rule's, or,
  /// for kinds that need no zone, the whole picture.
  ZoneScope(const Rule& rule, absl::Span<const Zone> zones) {
    const ZoneKind fitting = FittingKind(rule.kind);
    whole_picture_ = rule.zone_ids.empty() && fitting == ZoneKind::kUnspecified;
    for (size_t i = 0; i < zones.size(); ++i) {
      const bool named =
          std::find(rule.zone_ids.begin(), rule.zone_ids.end(), zones[i].id) != rule.zone_ids.end();
      if (named || (rule.zone_ids.empty() && zones[i].kind == fitting)) zones_.push_back(i);
    }
  }

  bool whole_picture() const { return whole_picture_; }
  /// Indices of the zones; empty for the whole picture.
  absl::Span<const size_t> zones() const { return zones_; }

  /// The track's stays in these zones.
  std::vector<Stay> StaysOf(const TrackView& track) const {
    std::vector<Stay> stays;
    for (const Stay& stay : track.stays) {
      if (std::find(zones_.begin(), zones_.end(), stay.zone) != zones_.end()) {
        stays.push_back(stay);
      }
    }
    return stays;
  }

 private:
  static ZoneKind FittingKind(IncidentKind kind) {
    if (kind == IncidentKind::kRestrictedZone) return ZoneKind::kRestricted;
    if (kind == IncidentKind::kCheckoutBypass) return ZoneKind::kExit;
    return ZoneKind::kUnspecified;
  }

  bool whole_picture_ = false;
  std::vector<size_t> zones_;
};

}  // namespace aislewatch::fusion
