// What a person looks like in a posture, with what they carry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "simulator/body.h"
#include "simulator/holding.h"
#include "simulator/mesh.h"

namespace aislewatch::simulator {

/// A thing in a hand.
struct HeldItem {
  /// Full extents in metres.
  Vec3 size{0.08f, 0.06f, 0.2f};
  Color color{40, 40, 200};
  bool bottle = false;
};

/// What a person has with them.
struct Carried {
  std::array<bool, 2> item_in_hand{};
  HeldItem item;
  std::array<bool, 2> phone_in_hand{};
  /// What was brought and is held, and the seed of its size and colours.
  std::optional<Hold> hold;
  uint64_t hold_look = 0;
  /// The hand whose shopping basket hangs from it, or neither.
  std::array<bool, 2> basket{};
  Color basket_color{40, 40, 190};
  /// Middle of the bag in the body's own frame; ignored without a bag.
  Vec3 bag;
};

/// Adds the person to `mesh`, about 2,000 triangles. Returns how many of the vertices, which come
/// first, are the body's; the others are those of what is carried.
size_t BuildPersonMesh(const BodyShape& shape, const BodyPose& pose, const Skeleton& skeleton,
                       const Carried& carried, Mesh& mesh);

}  // namespace aislewatch::simulator
