// Vectors of the simulated store. World axes: x to the right as the camera looks in, y into the
// store, z up; metres. A body's own frame uses the same struct as (forward, left, up).
#pragma once

#include <algorithm>
#include <cmath>

namespace aislewatch::simulator {

inline constexpr float kPi = 3.14159265f;

struct Vec3 {
  float x = 0;
  float y = 0;
  float z = 0;
};

inline constexpr Vec3 kUp{0, 0, 1};

constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
constexpr Vec3 operator-(Vec3 a) { return {-a.x, -a.y, -a.z}; }
constexpr Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
constexpr Vec3 operator*(float s, Vec3 a) { return a * s; }
constexpr Vec3& operator+=(Vec3& a, Vec3 b) { return a = a + b; }

constexpr float Dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 Cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float Length(Vec3 a) { return std::sqrt(Dot(a, a)); }
/// `fallback` where `a` is too short to have a direction.
inline Vec3 Normalized(Vec3 a, Vec3 fallback = {0, 0, 1}) {
  const float length = Length(a);
  return length > 1e-6f ? a * (1 / length) : fallback;
}
constexpr Vec3 Lerp(Vec3 a, Vec3 b, float t) { return a + (b - a) * t; }
constexpr float Lerp(float a, float b, float t) { return a + (b - a) * t; }

/// Distance on the floor.
inline float FloorDistance(Vec3 a, Vec3 b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// The unit vector on the floor at `yaw` radians, counted from x towards y.
inline Vec3 Heading(float yaw) { return {std::cos(yaw), std::sin(yaw), 0}; }

/// `angle` brought into -pi..pi.
inline float WrapAngle(float angle) {
  while (angle > kPi) angle -= 2 * kPi;
  while (angle < -kPi) angle += 2 * kPi;
  return angle;
}

/// 0 up to `from`, 1 beyond `to`, smooth between.
inline float SmoothStep(float from, float to, float value) {
  const float t = std::clamp((value - from) / (to - from), 0.0f, 1.0f);
  return t * t * (3 - 2 * t);
}

/// `v` turned by `angle` radians about the unit vector `axis` (Rodrigues).
inline Vec3 Rotate(Vec3 v, Vec3 axis, float angle) {
  const float c = std::cos(angle);
  const float s = std::sin(angle);
  return v * c + Cross(axis, v) * s + axis * (Dot(axis, v) * (1 - c));
}

}  // namespace aislewatch::simulator
