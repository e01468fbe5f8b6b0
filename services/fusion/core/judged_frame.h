// What models said of a frame: all that zones, risks and rules need, and no more. Without joints,
// so that a journal may keep it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/clip_classifier.h"
#include "common/roles/fighting_scorer.h"
#include "common/vision/geometry.h"
#include "services/fusion/core/floor_view.h"
#include "services/fusion/core/weapon_risk.h"

namespace aislewatch::fusion {

struct JudgedPerson {
  uint64_t track_id = 0;
  /// May be anything that a peer can send.
  NormalizedBox box;
  /// Where they stand.
  NormalizedPoint foot;
  /// Finite and within 0..1, as all scores here; unset during a track's warm-up.
  std::optional<float> pose_anomaly;
  std::optional<FightingEvidence> pair;
  std::optional<ActionScores> clip;
  /// Where the head is turned; not kept by journals, since attention is counted once, when it is
  /// seen.
  std::optional<Heading> head;
  /// Unset where the object model did not look at them in this frame.
  std::optional<WeaponLook> weapon;
};

struct JudgedFrame {
  absl::Time capture_time;
  FrameSize frame;
  std::vector<JudgedPerson> people;
  /// Stages that did not answer.
  std::vector<std::string> degraded;
  /// A stream began with it.
  bool first = false;
  /// Nothing follows in its stream.
  bool last = false;
};

}  // namespace aislewatch::fusion
