// How people hold what they have brought: where the hand is and how the thing lies in it.
//
// Plain values and pure functions.
#pragma once

#include "simulator/body.h"
#include "simulator/held_objects.h"
#include "simulator/random.h"

namespace aislewatch::simulator {

struct Hold {
  HeldObject object = HeldObject::kKnife;
  int hand = kRight;
  /// Of the wrist, in the body's own frame.
  Vec3 place;
  /// Between the forearm (0) and across it, away from the wrist's inside (pi / 2).
  float grip_angle = 0;
  float grip_roll = 0;
};

/// As people hold such a thing: mostly with the right hand; hanging, in front of the belly, or up.
Hold DrawHold(HeldObject object, const BodyShape& shape, Random& random);

Grip GripOf(const Hold& hold, const Skeleton& skeleton);

}  // namespace aislewatch::simulator
