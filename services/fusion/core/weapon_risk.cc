#include "services/fusion/core/weapon_risk.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace aislewatch::fusion {
namespace {

// Log-odds of 1 are infinite, and no look is that sure.
constexpr float kSurestLook = 0.999f;

}  // namespace

WeaponLook SurestWeapon(absl::Span<const SeenObject> seen) {
  WeaponLook surest;
  for (const SeenObject& object : seen) {
    if (object.weapon && object.score > surest.score) surest = {object.score, object.name};
  }
  return surest;
}

Risk RiskOf(const WeaponLook& look) {
  if (!(look.score > 0)) return {};
  const float score = std::clamp(look.score, 1 - kSurestLook, kSurestLook);
  const float contribution = std::log(score / (1 - score));
  return {score,
          {{"bias", 0.5f, 0},
           {"weapon", score, contribution},
           {absl::StrCat("weapon_", look.name), score, 0}}};
}

}  // namespace aislewatch::fusion
