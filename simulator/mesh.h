// Triangles with colours, and the shapes that the store and its people are made of.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "simulator/vec3.h"

namespace aislewatch::simulator {

/// Blue, green, red in 0..255, before light falls on it.
struct Color {
  float b = 0;
  float g = 0;
  float r = 0;
};

constexpr Color operator*(Color c, float s) { return {c.b * s, c.g * s, c.r * s}; }
constexpr Color Mix(Color a, Color b, float t) {
  return {Lerp(a.b, b.b, t), Lerp(a.g, b.g, t), Lerp(a.r, b.r, t)};
}

struct Vertex {
  Vec3 position;
  /// Unit length, outwards.
  Vec3 normal;
  Color color;
};

/// An elliptic cross-section of a tube.
struct Ring {
  Vec3 centre;
  /// Half-axes; perpendicular to each other and roughly to the tube.
  Vec3 across;
  Vec3 along;
  Color color;
  /// Colour of the quarter around +along, for open jackets and the like.
  Color front;
};

/// A triangle soup that can be cleared and refilled without allocating. Not thread-safe.
class Mesh {
 public:
  void Clear();

  /// A closed tube through `rings` with `segments` corners each.
  void AddTube(absl::Span<const Ring> rings, int segments);
  /// A round limb from `a` to `b` with radii in metres and rounded ends.
  void AddLimb(Vec3 a, Vec3 b, float radius_a, float radius_b, Color color, int segments = 8);
  /// An ellipsoid with perpendicular half-axes.
  void AddEllipsoid(Vec3 centre, Vec3 axis_x, Vec3 axis_y, Vec3 axis_z, Color color,
                    int segments = 10);
  /// A box with perpendicular half-axes.
  void AddBox(Vec3 centre, Vec3 axis_x, Vec3 axis_y, Vec3 axis_z, Color color);
  /// A flat quad, corners in order, cut into at most `cell` metres, each cell coloured by
  /// `color` times 1 +- `variation` in a fixed checker.
  void AddGrid(Vec3 corner, Vec3 edge_u, Vec3 edge_v, float cell, Color color, float variation);

  const std::vector<Vertex>& vertices() const { return vertices_; }
  const std::vector<std::array<uint32_t, 3>>& triangles() const { return triangles_; }

 private:
  void AddQuad(const std::array<Vec3, 4>& corners, Vec3 normal, Color color);
  void JoinRings(uint32_t first, uint32_t second, int segments);

  std::vector<Vertex> vertices_;
  std::vector<std::array<uint32_t, 3>> triangles_;
};

}  // namespace aislewatch::simulator
