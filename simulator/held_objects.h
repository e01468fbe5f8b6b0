// Things that people hold: knives, pistols, and what looks like them from afar.
//
// Plain values and pure functions.
#pragma once

#include <array>

#include "absl/strings/string_view.h"
#include "simulator/mesh.h"
#include "simulator/random.h"
#include "simulator/vec3.h"

namespace aislewatch::simulator {

enum class HeldObject { kKnife, kPistol, kPhone, kBottle, kUmbrella };
inline constexpr int kHeldObjectCount = 5;

/// Lower-case names, as data sets write them.
inline constexpr std::array<absl::string_view, kHeldObjectCount> kHeldObjectNames = {
    "knife", "pistol", "phone", "bottle", "umbrella"};

constexpr bool IsWeapon(HeldObject object) {
  return object == HeldObject::kKnife || object == HeldObject::kPistol;
}

HeldObject AnyWeapon(Random& random);
HeldObject AnyLookAlike(Random& random);

/// How a thing lies in a hand: unit vectors, perpendicular to each other.
struct Grip {
  /// Middle of the fist.
  Vec3 palm;
  /// Where the blade, the muzzle, or the top of the thing points.
  Vec3 axis;
  /// Of a knife its edge, of a pistol the way from the barrel to the end of its handle.
  Vec3 down;
};

/// Adds the thing to `mesh`, in its usual sizes and colours: a knife's blade has 11 to 24 cm, a
/// pistol is 16 to 22 cm long, a phone 14 to 16, a bottle 18 to 30, an umbrella 24 to 90.
void AddHeldObject(HeldObject object, const Grip& grip, Random& random, Mesh& mesh);

}  // namespace aislewatch::simulator
