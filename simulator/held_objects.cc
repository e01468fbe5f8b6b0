#include "simulator/held_objects.h"

#include <utility>
#include <vector>

namespace aislewatch::simulator {
namespace {

Color Grey(float value, Random& random) {
  const auto channel = [&] { return std::clamp(value + random.Uniform(-8, 8), 8.0f, 250.0f); };
  return {channel(), channel(), channel()};
}

Color AnyColor(Random& random) {
  return {random.Uniform(15, 235), random.Uniform(15, 235), random.Uniform(15, 235)};
}

/// A round tube along `axis` through (distance from the palm, radius) pairs.
void AddTurned(const Grip& grip, const std::vector<std::pair<float, float>>& profile, Color color,
               Mesh& mesh) {
  const Vec3 side = Cross(grip.axis, grip.down);
  std::vector<Ring> rings;
  for (const auto& [along, radius] : profile) {
    rings.push_back(
        {grip.palm + grip.axis * along, side * radius, grip.down * radius, color, color});
  }
  mesh.AddTube(rings, 10);
}

void AddKnife(const Grip& grip, Random& random, Mesh& mesh) {
  const float blade = random.Uniform(0.11f, 0.24f);
  const float width = random.Uniform(0.012f, 0.024f);  // half of it
  const float handle = random.Uniform(0.05f, 0.065f);  // half of it
  const Vec3 side = Cross(grip.axis, grip.down);
  const Color steel = Grey(random.Uniform(130, 240), random);
  const Color wood = random.Chance(0.6f) ? Grey(random.Uniform(18, 70), random)
                                         : Mix({30, 60, 110}, {40, 40, 190}, random.Unit());
  mesh.AddBox(grip.palm, grip.axis * handle, grip.down * (width * 0.75f), side * 0.009f, wood);
  // The back of a blade is straight, its edge rises to the point.
  const auto ring = [&](float along, float from_back) {
    const Vec3 centre =
        grip.palm + grip.axis * (handle + along * blade) + grip.down * (width * (from_back - 1));
    const Vec3 across = grip.down * (width * std::max(from_back, 0.05f));
    return Ring{centre, across, side * 0.0018f, steel, steel};
  };
  const std::array<Ring, 5> rings = {ring(0, 1), ring(0.55f, 1), ring(0.8f, 0.72f),
                                     ring(0.93f, 0.38f), ring(1, 0)};
  mesh.AddTube(rings, 8);
}

void AddPistol(const Grip& grip, Random& random, Mesh& mesh) {
  const float length = random.Uniform(0.16f, 0.22f);
  const float tall = random.Uniform(0.016f, 0.02f);  // half of the slide's height
  const Vec3 side = Cross(grip.axis, grip.down);
  const Color body = random.Chance(0.75f) ? Grey(random.Uniform(15, 60), random)
                                          : Grey(random.Uniform(120, 200), random);
  const Color handle_color =
      random.Chance(0.7f) ? body * 0.85f : Mix({25, 50, 90}, {40, 70, 120}, random.Unit());
  // The fist is around the handle; the barrel lies above it and reaches forward.
  const Vec3 rear = grip.palm - grip.down * 0.055f - grip.axis * 0.035f;
  const Vec3 handle_axis = Normalized(grip.down - grip.axis * random.Uniform(0.1f, 0.3f));
  mesh.AddBox(grip.palm + handle_axis * 0.01f, handle_axis * random.Uniform(0.055f, 0.065f),
              Normalized(Cross(side, handle_axis)) * 0.02f, side * 0.014f, handle_color);
  if (random.Chance(0.3f)) {  // A revolver: thin barrel, drum.
    mesh.AddLimb(rear, rear + grip.axis * length, 0.011f, 0.009f, body);
    mesh.AddBox(rear + grip.axis * 0.06f + grip.down * 0.01f, grip.axis * 0.045f, grip.down * 0.02f,
                side * 0.01f, body);
    mesh.AddLimb(rear + grip.axis * 0.05f, rear + grip.axis * 0.085f, 0.022f, 0.022f, body * 1.15f);
  } else {
    mesh.AddBox(rear + grip.axis * (length / 2), grip.axis * (length / 2), grip.down * tall,
                side * 0.015f, body);
    mesh.AddBox(rear + grip.axis * (length * 0.45f) + grip.down * (tall + 0.008f),
                grip.axis * (length * 0.38f), grip.down * 0.009f, side * 0.012f, body * 0.9f);
  }
  // The guard around the trigger, in two bars.
  const Vec3 trigger = rear + grip.axis * 0.085f + grip.down * (tall + 0.022f);
  mesh.AddBox(trigger + grip.down * 0.014f, grip.axis * 0.024f, grip.down * 0.003f, side * 0.004f,
              body);
  mesh.AddBox(trigger + grip.axis * 0.024f, grip.down * 0.015f, grip.axis * 0.003f, side * 0.004f,
              body);
}

void AddPhone(const Grip& grip, Random& random, Mesh& mesh) {
  const float half = random.Uniform(0.07f, 0.082f);
  const float wide = random.Uniform(0.034f, 0.039f);
  const Vec3 side = Cross(grip.axis, grip.down);
  const Color shell = random.Chance(0.6f) ? Grey(random.Uniform(15, 60), random) : AnyColor(random);
  const Color screen = random.Chance(0.5f) ? Grey(random.Uniform(10, 40), random)
                                           : Grey(random.Uniform(140, 235), random);
  const Vec3 centre = grip.palm + grip.axis * 0.035f;
  mesh.AddBox(centre, grip.axis * half, side * wide, grip.down * 0.0045f, shell);
  mesh.AddBox(centre - grip.down * 0.005f, grip.axis * (half * 0.93f), side * (wide * 0.92f),
              grip.down * 0.0008f, screen);
}

void AddBottle(const Grip& grip, Random& random, Mesh& mesh) {
  const float length = random.Uniform(0.18f, 0.3f);
  const float radius = random.Uniform(0.028f, 0.042f);
  const float base = -length * random.Uniform(0.3f, 0.55f);
  const Color glass = random.Chance(0.5f) ? Mix({60, 90, 30}, {30, 60, 90}, random.Unit())
                                          : Mix(AnyColor(random), {225, 220, 210}, random.Unit());
  AddTurned(grip,
            {{base, radius * 0.9f},
             {base + 0.01f, radius},
             {base + length * 0.6f, radius},
             {base + length * 0.78f, radius * 0.42f},
             {base + length, radius * 0.38f}},
            glass, mesh);
  AddTurned(grip, {{base + length * 0.94f, radius * 0.44f}, {base + length, radius * 0.44f}},
            AnyColor(random), mesh);
  AddTurned(grip, {{base + length * 0.2f, radius * 1.03f}, {base + length * 0.5f, radius * 1.03f}},
            Mix(AnyColor(random), {230, 230, 230}, 0.5f), mesh);
}

void AddUmbrella(const Grip& grip, Random& random, Mesh& mesh) {
  const Color cloth =
      random.Chance(0.5f) ? Grey(random.Uniform(15, 60), random) : AnyColor(random) * 0.8f;
  const Color handle = random.Chance(0.6f) ? Grey(25, random) : Color{40, 80, 130};
  if (random.Chance(0.5f)) {  // Short, for a bag.
    const float length = random.Uniform(0.2f, 0.3f);
    const float radius = random.Uniform(0.02f, 0.032f);
    AddTurned(grip, {{-0.05f, 0.014f}, {0.05f, 0.016f}}, handle, mesh);
    AddTurned(grip,
              {{0.05f, radius}, {0.05f + length * 0.8f, radius}, {0.05f + length, radius * 0.7f}},
              cloth, mesh);
    return;
  }
  const float length = random.Uniform(0.62f, 0.85f);
  AddTurned(grip, {{-0.06f, 0.012f}, {0.08f, 0.012f}}, handle, mesh);
  AddTurned(grip,
            {{0.08f, 0.018f},
             {0.2f, random.Uniform(0.024f, 0.036f)},
             {length * 0.8f, 0.014f},
             {length, 0.004f}},
            cloth, mesh);
  // The crook.
  const Vec3 end = grip.palm - grip.axis * 0.06f;
  const Vec3 bend = end + grip.down * 0.06f - grip.axis * 0.035f;
  mesh.AddLimb(end, bend, 0.012f, 0.012f, handle, 6);
  mesh.AddLimb(bend, bend + grip.down * 0.02f + grip.axis * 0.05f, 0.012f, 0.01f, handle, 6);
}

}  // namespace

HeldObject AnyWeapon(Random& random) {
  return random.Chance(0.5f) ? HeldObject::kKnife : HeldObject::kPistol;
}

HeldObject AnyLookAlike(Random& random) {
  constexpr std::array<HeldObject, 3> kHarmless = {HeldObject::kPhone, HeldObject::kBottle,
                                                   HeldObject::kUmbrella};
  return kHarmless[static_cast<size_t>(random.Below(3))];
}

void AddHeldObject(HeldObject object, const Grip& grip, Random& random, Mesh& mesh) {
  switch (object) {
    case HeldObject::kKnife:
      return AddKnife(grip, random, mesh);
    case HeldObject::kPistol:
      return AddPistol(grip, random, mesh);
    case HeldObject::kPhone:
      return AddPhone(grip, random, mesh);
    case HeldObject::kBottle:
      return AddBottle(grip, random, mesh);
    case HeldObject::kUmbrella:
      return AddUmbrella(grip, random, mesh);
  }
}

}  // namespace aislewatch::simulator
