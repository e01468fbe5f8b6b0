// What one person gave a zone of attention. Plain values; the proto ZoneVisit holds the same.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/scene/scene.h"

namespace aislewatch::fusion {

/// One track near one zone, told once, when it is over.
struct Visit {
  /// UUID.
  std::string id;
  uint64_t track_id = 0;
  std::string zone_id;
  ZoneKind zone_kind = ZoneKind::kUnspecified;
  /// Capture time of the first frame near the zone.
  absl::Time begin;
  /// begin and the time up to the last one, which the stream's clock has counted: a camera's clock
  /// that jumps makes no visit of years.
  absl::Time end;
  /// All looks that count; at most end - begin, as dwell.
  absl::Duration looking_time;
  bool looked = false;
  bool entered = false;
  bool looked_before_entering = false;
  /// All stays that count.
  absl::Duration dwell;
};

}  // namespace aislewatch::fusion
