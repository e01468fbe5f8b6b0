#include "simulator/mesh.h"

namespace aislewatch::simulator {
namespace {

// Any two unit vectors that are perpendicular to `axis` and each other.
void Frame(Vec3 axis, Vec3& u, Vec3& v) {
  const Vec3 helper = std::abs(axis.z) < 0.8f ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  u = Normalized(Cross(axis, helper));
  v = Cross(axis, u);
}

}  // namespace

void Mesh::Clear() {
  vertices_.clear();
  triangles_.clear();
}

void Mesh::JoinRings(uint32_t first, uint32_t second, int segments) {
  for (int i = 0; i < segments; ++i) {
    const auto a = static_cast<uint32_t>(i);
    const auto b = static_cast<uint32_t>((i + 1) % segments);
    triangles_.push_back({first + a, first + b, second + a});
    triangles_.push_back({first + b, second + b, second + a});
  }
}

void Mesh::AddTube(absl::Span<const Ring> rings, int segments) {
  if (rings.size() < 2) return;
  const auto start = static_cast<uint32_t>(vertices_.size());
  for (size_t k = 0; k < rings.size(); ++k) {
    const Ring& ring = rings[k];
    const float a = std::max(Length(ring.across), 1e-4f);
    const float b = std::max(Length(ring.along), 1e-4f);
    // The slope along the tube tilts the normal where the tube widens or narrows.
    const Ring& before = rings[k > 0 ? k - 1 : 0];
    const Ring& after = rings[std::min(k + 1, rings.size() - 1)];
    const Vec3 spine = after.centre - before.centre;
    const float widening = Length(after.across) - Length(before.across);
    const Vec3 tilt = Normalized(spine) * (-widening / std::max(Length(spine), 0.02f));
    for (int i = 0; i < segments; ++i) {
      const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(segments);
      const float c = std::cos(angle);
      const float s = std::sin(angle);
      const Vec3 radial = Normalized(ring.across * (c / (a * a)) + ring.along * (s / (b * b)));
      vertices_.push_back({ring.centre + ring.across * c + ring.along * s,
                           Normalized(radial + tilt), s > 0.85f ? ring.front : ring.color});
    }
    const auto here = start + static_cast<uint32_t>(k) * static_cast<uint32_t>(segments);
    if (k > 0) JoinRings(here - static_cast<uint32_t>(segments), here, segments);
  }
  for (const bool end : {false, true}) {
    const Ring& ring = end ? rings.back() : rings.front();
    const Ring& inner = end ? rings[rings.size() - 2] : rings[1];
    const auto centre = static_cast<uint32_t>(vertices_.size());
    vertices_.push_back({ring.centre, Normalized(ring.centre - inner.centre), ring.color});
    const auto base =
        end ? start + static_cast<uint32_t>(rings.size() - 1) * static_cast<uint32_t>(segments)
            : start;
    for (int i = 0; i < segments; ++i) {
      triangles_.push_back({centre, base + static_cast<uint32_t>(i),
                            base + static_cast<uint32_t>((i + 1) % segments)});
    }
  }
}

void Mesh::AddLimb(Vec3 a, Vec3 b, float radius_a, float radius_b, Color color, int segments) {
  const Vec3 axis = Normalized(b - a);
  Vec3 u, v;
  Frame(axis, u, v);
  const auto ring = [&](Vec3 centre, float radius) {
    return Ring{centre, u * radius, v * radius, color, color};
  };
  const std::array<Ring, 7> rings = {ring(a - axis * (0.95f * radius_a), 0.3f * radius_a),
                                     ring(a - axis * (0.7f * radius_a), 0.71f * radius_a),
                                     ring(a, radius_a),
                                     ring(Lerp(a, b, 0.45f), 0.55f * radius_a + 0.48f * radius_b),
                                     ring(b, radius_b),
                                     ring(b + axis * (0.7f * radius_b), 0.71f * radius_b),
                                     ring(b + axis * (0.95f * radius_b), 0.3f * radius_b)};
  AddTube(rings, segments);
}

void Mesh::AddEllipsoid(Vec3 centre, Vec3 axis_x, Vec3 axis_y, Vec3 axis_z, Color color,
                        int segments) {
  const int bands = std::max(4, segments * 2 / 3);
  const auto start = static_cast<uint32_t>(vertices_.size());
  const auto inverse = [](Vec3 axis) { return axis * (1 / std::max(Dot(axis, axis), 1e-8f)); };
  for (int band = 0; band <= bands; ++band) {
    const float polar = kPi * static_cast<float>(band) / static_cast<float>(bands);
    for (int i = 0; i < segments; ++i) {
      const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(segments);
      const Vec3 unit{std::sin(polar) * std::cos(angle), std::sin(polar) * std::sin(angle),
                      std::cos(polar)};
      const Vec3 offset = axis_x * unit.x + axis_y * unit.y + axis_z * unit.z;
      const Vec3 normal =
          inverse(axis_x) * unit.x + inverse(axis_y) * unit.y + inverse(axis_z) * unit.z;
      vertices_.push_back({centre + offset, Normalized(normal), color});
    }
    const auto here = start + static_cast<uint32_t>(band * segments);
    if (band > 0) JoinRings(here - static_cast<uint32_t>(segments), here, segments);
  }
}

void Mesh::AddQuad(const std::array<Vec3, 4>& corners, Vec3 normal, Color color) {
  const auto start = static_cast<uint32_t>(vertices_.size());
  for (const Vec3& corner : corners) vertices_.push_back({corner, normal, color});
  triangles_.push_back({start, start + 1, start + 2});
  triangles_.push_back({start, start + 2, start + 3});
}

void Mesh::AddBox(Vec3 centre, Vec3 axis_x, Vec3 axis_y, Vec3 axis_z, Color color) {
  const std::array<std::array<Vec3, 3>, 3> faces = {
      {{axis_x, axis_y, axis_z}, {axis_y, axis_z, axis_x}, {axis_z, axis_x, axis_y}}};
  for (const auto& [out, u, v] : faces) {
    for (const float side : {-1.0f, 1.0f}) {
      const Vec3 middle = centre + out * side;
      AddQuad({middle - u - v, middle + u - v, middle + u + v, middle - u + v},
              Normalized(out * side), color);
    }
  }
}

void Mesh::AddGrid(Vec3 corner, Vec3 edge_u, Vec3 edge_v, float cell, Color color,
                   float variation) {
  const int nu = std::max(1, static_cast<int>(std::ceil(Length(edge_u) / cell)));
  const int nv = std::max(1, static_cast<int>(std::ceil(Length(edge_v) / cell)));
  const Vec3 du = edge_u * (1 / static_cast<float>(nu));
  const Vec3 dv = edge_v * (1 / static_cast<float>(nv));
  const Vec3 normal = Normalized(Cross(edge_u, edge_v));
  for (int i = 0; i < nu; ++i) {
    for (int j = 0; j < nv; ++j) {
      const Vec3 at = corner + du * static_cast<float>(i) + dv * static_cast<float>(j);
      const float shade = (i + j) % 2 == 0 ? 1 + variation : 1 - variation;
      AddQuad({at, at + du, at + du + dv, at + dv}, normal, color * shade);
    }
  }
}

}  // namespace aislewatch::simulator
