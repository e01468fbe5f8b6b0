#include "services/fusion/core/weapon_risk.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace aislewatch::fusion {
namespace {

// Log-odds of 1 are infinite, and no look is that sure.
constexpr float kSurestLook = 0.999f;

}  // namespace

Risk WeaponRisk(absl::Span<const SeenObject> seen) {
  const SeenObject* surest = nullptr;
  for (const SeenObject& object : seen) {
    if (!object.weapon || !(object.score > 0)) continue;
    if (surest == nullptr || object.score > surest->score) surest = &object;
  }
  if (surest == nullptr) return {};
  const float score = std::clamp(surest->score, 1 - kSurestLook, kSurestLook);
  const float contribution = std::log(score / (1 - score));
  return {score,
          {{"bias", 0.5f, 0},
           {"weapon", score, contribution},
           {absl::StrCat("weapon_", surest->name), score, 0}}};
}

}  // namespace aislewatch::fusion
