#include "simulator/store_mesh.h"

namespace aislewatch::simulator {
namespace {

// A box by its corners.
void AddBlock(Mesh& mesh, Vec3 low, Vec3 high, Color color) {
  const Vec3 half = (high - low) * 0.5f;
  mesh.AddBox(low + half, {half.x, 0, 0}, {0, half.y, 0}, {0, 0, half.z}, color);
}

// One kind of product, standing in a row on the shelf.
struct Product {
  float width;
  float height;
  bool bottle;
  Color body;
  Color label;
};

Product RandomProduct(Random& random, float room_above) {
  Product product;
  product.bottle = random.Chance(0.4f);
  product.width = product.bottle ? random.Uniform(0.07f, 0.11f) : random.Uniform(0.1f, 0.24f);
  product.height = std::min(room_above - 0.04f, random.Uniform(0.14f, 0.32f));
  product.body = ProductColor(random);
  product.label = random.Chance(0.5f) ? Color{235, 238, 240} : ProductColor(random);
  return product;
}

void AddProduct(Mesh& mesh, const Product& product, Vec3 foot, Vec3 across, Vec3 out) {
  const float half = product.width * 0.46f;
  const Vec3 centre = foot + kUp * (product.height / 2);
  if (!product.bottle) {
    mesh.AddBox(centre, across * half, out * half, kUp * (product.height / 2), product.body);
    mesh.AddBox(centre + out * (half + 0.002f), across * (half * 0.7f), out * 0.003f,
                kUp * (product.height * 0.22f), product.label);
    return;
  }
  const auto ring = [&](float height, float radius, Color color) {
    return Ring{foot + kUp * (product.height * height), across * (half * radius),
                out * (half * radius), color, color};
  };
  const Ring rings[] = {ring(0, 1, product.body),       ring(0.25f, 1, product.body),
                        ring(0.26f, 1, product.label),  ring(0.5f, 1, product.label),
                        ring(0.51f, 1, product.body),   ring(0.68f, 0.9f, product.body),
                        ring(0.8f, 0.4f, product.body), ring(1, 0.35f, product.label)};
  mesh.AddTube(rings, 6);
}

// Fills one board of a shelf from `start` along `across` with rows of products.
void FillLevel(Mesh& mesh, Random& random, Vec3 start, Vec3 across, Vec3 out, float length,
               float room_above) {
  float at = 0.05f;
  while (at < length - 0.1f) {
    const Product product = RandomProduct(random, room_above);
    const int facings = 2 + random.Below(4);
    for (int i = 0; i < facings && at + product.width < length; ++i, at += product.width + 0.012f) {
      if (random.Chance(0.06f)) continue;
      const float pushed = random.Uniform(-0.04f, 0.0f);
      AddProduct(mesh, product, start + across * (at + product.width / 2) + out * pushed, across,
                 out);
    }
    at += random.Uniform(0.0f, 0.05f);
  }
}

void AddShelf(Mesh& mesh, Random& random, const Shelf& shelf, Color metal) {
  const FloorRect& r = shelf.floor;
  const Vec3 out = Heading(shelf.facing);
  const Vec3 across = Cross(kUp, out);
  const Vec3 middle{(r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2, 0};
  const bool along_y = std::abs(out.x) > 0.5f;
  const float length = along_y ? r.y1 - r.y0 : r.x1 - r.x0;
  const float deep = along_y ? r.x1 - r.x0 : r.y1 - r.y0;
  const Vec3 back = middle - out * (deep / 2 - 0.02f) + kUp * (shelf.height / 2);
  mesh.AddBox(back, across * (length / 2), out * 0.02f, kUp * (shelf.height / 2), metal * 0.8f);
  for (const float end : {-1.0f, 1.0f}) {
    mesh.AddBox(middle + across * (end * length / 2) + kUp * (shelf.height / 2), across * 0.015f,
                out * (deep / 2), kUp * (shelf.height / 2), metal * 0.9f);
  }
  const float base = 0.12f;
  const float spacing = (shelf.height - base) / static_cast<float>(shelf.levels);
  for (int level = 0; level < shelf.levels; ++level) {
    const float z = base + spacing * static_cast<float>(level);
    mesh.AddBox(middle + kUp * (z - 0.015f), across * (length / 2), out * (deep / 2), kUp * 0.015f,
                metal);
    mesh.AddBox(middle + out * (deep / 2) + kUp * (z - 0.01f), across * (length / 2), out * 0.006f,
                kUp * 0.025f, {225, 228, 228});
    const Vec3 start = middle - across * (length / 2) + out * (deep / 2 - 0.13f) + kUp * z;
    FillLevel(mesh, random, start, across, out, length, spacing);
    FillLevel(mesh, random, start - out * 0.17f, across, out, length, spacing);
  }
}

void AddStaffArea(Mesh& mesh, const StoreLayout& layout) {
  for (const FloorZone& zone : layout.zones) {
    if (zone.kind != FloorZoneKind::kRestricted) continue;
    const FloorRect& r = zone.floor;
    mesh.AddGrid({r.x0, r.y0, 0.004f}, {r.x1 - r.x0, 0, 0}, {0, r.y1 - r.y0, 0}, 0.25f,
                 {70, 150, 190}, 0.18f);
    const float middle = (r.x0 + r.x1) / 2;
    AddBlock(mesh, {middle - 0.45f, r.y1 - 0.05f, 0}, {middle + 0.45f, r.y1 - 0.01f, 2.05f},
             {105, 110, 120});
    AddBlock(mesh, {middle - 0.25f, r.y1 - 0.07f, 1.45f}, {middle + 0.25f, r.y1 - 0.04f, 1.7f},
             {60, 60, 200});
  }
}

}  // namespace

Color ProductColor(Random& random) {
  // Hue around the circle, mostly saturated, as packaging is.
  const float hue = random.Uniform(0, 6);
  const float saturation = random.Uniform(0.35f, 0.95f);
  const float value = random.Uniform(90, 245);
  const auto channel = [&](float offset) {
    const float k = std::fmod(offset + hue, 6.0f);
    return value * (1 - saturation * std::clamp(std::min(k, 4 - k), 0.0f, 1.0f));
  };
  return {channel(1), channel(3), channel(5)};
}

void BuildStoreMesh(const StoreLayout& layout, Random random, Mesh& mesh) {
  const FloorRect& room = layout.room;
  const float tint = random.Uniform(-10, 10);
  const float floor_value = random.Uniform(120, 190);
  const Color floor{floor_value - tint, floor_value, floor_value + tint};
  const float wall_value = random.Uniform(150, 215);
  const Color wall{wall_value + tint, wall_value, wall_value - tint / 2};
  const float ceiling = 3.4f;
  const float deep = room.y1 - room.y0;
  mesh.AddGrid({room.x0, room.y0, 0}, {room.x1 - room.x0, 0, 0}, {0, deep, 0}, 0.4f, floor,
               random.Uniform(0.01f, 0.05f));
  mesh.AddGrid({room.x0, room.y0, 0}, {0, deep, 0}, {0, 0, ceiling}, 0.4f, wall, 0.01f);
  mesh.AddGrid({room.x1, room.y0, ceiling}, {0, deep, 0}, {0, 0, -ceiling}, 0.4f, wall, 0.01f);
  mesh.AddGrid({room.x0, room.y1, 0}, {room.x1 - room.x0, 0, 0}, {0, 0, ceiling}, 0.5f,
               wall * 0.92f, 0.01f);
  const float metal_value = random.Uniform(120, 220);
  const Color metal{metal_value, metal_value, metal_value + random.Uniform(-15, 15)};
  for (const Shelf& shelf : layout.shelves) AddShelf(mesh, random, shelf, metal);
  for (const Wall& w : layout.walls) {
    AddBlock(mesh, {w.floor.x0, w.floor.y0, 0}, {w.floor.x1, w.floor.y1, w.height}, wall * 0.95f);
  }
  const FloorRect& c = layout.counter;
  if (c.x1 <= c.x0) return;
  AddBlock(mesh, {c.x0, c.y0, 0}, {c.x1, c.y1, 0.9f}, ProductColor(random) * 0.7f);
  AddBlock(mesh, {c.x0 - 0.03f, c.y0 - 0.03f, 0.9f}, {c.x1 + 0.03f, c.y1 + 0.03f, 0.94f},
           {70, 70, 75});
  AddBlock(mesh, {c.x0 + 0.5f, c.y0 + 0.15f, 0.94f}, {c.x0 + 0.8f, c.y0 + 0.3f, 1.25f},
           {40, 40, 40});
  AddStaffArea(mesh, layout);
}

}  // namespace aislewatch::simulator
