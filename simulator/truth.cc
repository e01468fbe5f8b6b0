#include "simulator/truth.h"

namespace aislewatch::simulator {

absl::string_view ActName(ActKind kind) {
  switch (kind) {
    case ActKind::kConcealment:
      return "concealment";
    case ActKind::kLoitering:
      return "loitering";
    case ActKind::kRestrictedZone:
      return "restricted_zone";
    case ActKind::kFight:
      return "fight";
    case ActKind::kWeapon:
      return "weapon";
  }
  return "concealment";
}

}  // namespace aislewatch::simulator
