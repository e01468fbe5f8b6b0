// Things that are seen at people, such as a phone or a knife in a hand.
//
// Plain values; no ownership, no threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/vision/geometry.h"

namespace aislewatch {

/// Score from which a thing is worth showing to people, where no rule says otherwise.
inline constexpr float kShownObjectScore = 0.5f;

struct SeenObject {
  /// The object model's name for it, for example "knife".
  std::string name;
  /// 0..1.
  float score = 0;
  NormalizedBox box;
  /// Whether the model counts it among weapons; false for look-alikes.
  bool weapon = false;
  /// The person whose hand is nearest.
  uint64_t track_id = 0;
};

/// What the object model saw in one frame, and at whom it looked. That nothing was seen at somebody
/// means something only of those who were looked at.
struct ObjectLooks {
  std::vector<uint64_t> track_ids;
  /// Each belongs to one of `track_ids`.
  std::vector<SeenObject> objects;
};

}  // namespace aislewatch
