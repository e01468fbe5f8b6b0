// The risk of a weapon: what the object model says, and nothing else.
//
// Apart from risk_model.h: poses, zones and the clip classifier say nothing of what is in a hand,
// so there is nothing to fuse. Pure functions; thread-safe.
#pragma once

#include <string>

#include "absl/types/span.h"
#include "common/risk/risk_model.h"
#include "common/vision/seen_object.h"

namespace aislewatch::fusion {

/// The surest weapon of one look at one person.
struct WeaponLook {
  /// 0 where none was seen.
  float score = 0;
  /// Its class, for example "knife".
  std::string name;
};

/// Look-alikes and scores that are no numbers count for nothing.
WeaponLook SurestWeapon(absl::Span<const SeenObject> seen);

/// By one look at one person: the score of the surest weapon, 0 where none was seen. Look-alikes
/// and scores that are no numbers count for nothing. The parts name the weapon: "bias" (of no
/// weight), "weapon" with the score, and "weapon_CLASS" with the score again, such as
/// "weapon_knife", which adds nothing.
Risk RiskOf(const WeaponLook& look);
inline Risk WeaponRisk(absl::Span<const SeenObject> seen) { return RiskOf(SurestWeapon(seen)); }

}  // namespace aislewatch::fusion
