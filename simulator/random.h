// A small random generator whose numbers are the same on every machine and standard library.
//
// std::normal_distribution and its kin may differ between libraries; a seed of the simulator must
// not. Plain value: copy it to fork a sequence. Not thread-safe.
#pragma once

#include <cmath>
#include <cstdint>

namespace aislewatch::simulator {

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) { Next(); }

  /// A generator for one purpose: the same for the same seed and purpose, unlike for others.
  Random(uint64_t seed, uint64_t purpose)
      : Random(seed * 0x9E3779B97F4A7C15ull ^ (purpose + 1) * 0xD1B54A32D192ED03ull) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
  }
  /// In [0, 1).
  float Unit() { return static_cast<float>(Next() >> 40) * 0x1p-24f; }
  /// In [low, high).
  float Uniform(float low, float high) { return low + (high - low) * Unit(); }
  /// In 0..count-1; count >= 1.
  int Below(int count) { return static_cast<int>(Next() >> 33) % count; }
  bool Chance(float probability) { return Unit() < probability; }
  /// -1 or 1.
  float Sign() { return Chance(0.5f) ? 1.0f : -1.0f; }
  /// Mean 0, deviation 1 (Box and Muller).
  float Normal() {
    const float radius = std::sqrt(-2 * std::log(1 - Unit()));
    return radius * std::cos(6.2831853f * Unit());
  }

 private:
  uint64_t state_;
};

}  // namespace aislewatch::simulator
