// Where the camera hangs, and what of the store's plan it sees.
#include "simulator/renderer.h"

namespace aislewatch::simulator {
namespace {

absl::string_view ZoneName(FloorZoneKind kind) {
  switch (kind) {
    case FloorZoneKind::kShelf:
      return "shelf";
    case FloorZoneKind::kCheckout:
      return "checkout";
    case FloorZoneKind::kExit:
      return "exit";
    case FloorZoneKind::kRestricted:
      return "restricted";
    case FloorZoneKind::kStorefront:
      return "storefront";
  }
  return "shelf";
}

// Keeps the part of a convex polygon where `inside` is not negative (Sutherland and Hodgman).
template <typename Point, typename Inside, typename Between>
std::vector<Point> Clip(const std::vector<Point>& polygon, Inside inside, Between between) {
  std::vector<Point> kept;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const Point& a = polygon[i];
    const Point& b = polygon[(i + 1) % polygon.size()];
    const float da = inside(a), db = inside(b);
    if (da >= 0) kept.push_back(a);
    if ((da >= 0) != (db >= 0)) kept.push_back(between(a, b, da / (da - db)));
  }
  return kept;
}

std::vector<NormalizedPoint> ClipToPicture(std::vector<NormalizedPoint> polygon) {
  const auto between = [](NormalizedPoint a, NormalizedPoint b, float t) {
    return NormalizedPoint{Lerp(a.x, b.x, t), Lerp(a.y, b.y, t)};
  };
  polygon = Clip(
      polygon, [](NormalizedPoint p) { return p.x; }, between);
  polygon = Clip(
      polygon, [](NormalizedPoint p) { return 1 - p.x; }, between);
  polygon = Clip(
      polygon, [](NormalizedPoint p) { return p.y; }, between);
  polygon = Clip(
      polygon, [](NormalizedPoint p) { return 1 - p.y; }, between);
  for (NormalizedPoint& p : polygon) {
    p = {std::clamp(p.x, 0.0f, 1.0f), std::clamp(p.y, 0.0f, 1.0f)};
  }
  return polygon;
}

// Twice the area.
float Area(const std::vector<NormalizedPoint>& polygon) {
  float area = 0;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const NormalizedPoint& a = polygon[i];
    const NormalizedPoint& b = polygon[(i + 1) % polygon.size()];
    area += a.x * b.y - a.y * b.x;
  }
  return std::abs(area);
}

bool SeenWhole(const PinholeCamera& camera, Vec3 feet) {
  const auto width = static_cast<float>(camera.size().width);
  const auto height = static_cast<float>(camera.size().height);
  for (const float up : {0.0f, 1.85f}) {
    const Projection p = camera.Project(feet + Vec3{0, 0, up});
    if (p.depth < 1 || p.x < 0.06f * width || p.x > 0.94f * width || p.y < 0.01f * height ||
        p.y > 0.985f * height) {
      return false;
    }
  }
  return true;
}

// Whether the straight line from the camera to `point` passes through a shelf or the counter.
bool BehindFurniture(const StoreLayout& layout, Vec3 camera, Vec3 point) {
  const auto blocks = [&](const FloorRect& r, float height) {
    // Steps of a few centimetres are exact enough for furniture.
    for (int i = 1; i < 100; ++i) {
      const Vec3 at = Lerp(camera, point, 0.01f * static_cast<float>(i));
      if (at.z < height && Contains(r, at)) return true;
    }
    return false;
  };
  for (const Shelf& shelf : layout.shelves) {
    if (blocks(shelf.floor, shelf.height + 0.15f)) return true;
  }
  return blocks(layout.counter, 1.0f);
}

// Whether the body from the knees up is free for the camera.
bool SeenFree(const StoreLayout& layout, const PinholeCamera& camera, Vec3 feet) {
  return !BehindFurniture(layout, camera.position(), feet + Vec3{0, 0, 0.5f}) &&
         !BehindFurniture(layout, camera.position(), feet + Vec3{0, 0, 1.2f});
}

}  // namespace

PinholeCamera PlaceCamera(Random random, FrameSize size) {
  const float x = random.Uniform(-1.1f, 1.1f);
  const Vec3 position{x, random.Uniform(-1.1f, -0.5f), random.Uniform(2.6f, 3.1f)};
  // The axis falls by 25 to 28 degrees, towards the middle of the store.
  const float down = std::tan(random.Uniform(0.43f, 0.49f));
  const float reach = 5;
  const Vec3 target{0.2f * x + random.Uniform(-0.2f, 0.2f), position.y + reach,
                    position.z - reach * down};
  const float vertical = random.Uniform(0.76f, 0.86f);
  const float aspect = static_cast<float>(size.width) / static_cast<float>(size.height);
  const float fov = 2 * std::atan(std::tan(vertical / 2) * aspect);
  return PinholeCamera::Look(position, target, fov, size);
}

std::vector<TruthZone> ZonesInPicture(const StoreLayout& layout, const PinholeCamera& camera) {
  std::vector<TruthZone> zones;
  for (const FloorZone& zone : layout.zones) {
    const FloorRect& r = zone.floor;
    std::vector<Vec3> floor = {{r.x0, r.y0, 0}, {r.x1, r.y0, 0}, {r.x1, r.y1, 0}, {r.x0, r.y1, 0}};
    constexpr float kNear = 0.3f;
    floor = Clip(
        floor, [&](Vec3 p) { return camera.Project(p).depth - kNear; },
        [](Vec3 a, Vec3 b, float t) { return Lerp(a, b, t); });
    std::vector<NormalizedPoint> polygon;
    for (const Vec3& corner : floor) {
      const Projection p = camera.Project(corner);
      polygon.push_back({p.x / static_cast<float>(camera.size().width),
                         p.y / static_cast<float>(camera.size().height)});
    }
    polygon = ClipToPicture(std::move(polygon));
    if (polygon.size() < 3 || Area(polygon) < 0.002f) continue;
    zones.push_back({zone.id, std::string(ZoneName(zone.kind)), std::move(polygon)});
  }
  return zones;
}

Stage VisibleStage(const StoreLayout& layout, const PinholeCamera& camera) {
  Stage stage;
  stage.layout = &layout;
  stage.camera = camera.position();
  for (const StandSpot& spot : layout.spots) {
    if (SeenWhole(camera, spot.position) && SeenFree(layout, camera, spot.position)) {
      stage.spots.push_back(spot);
    }
  }
  for (const Vec3& point : layout.open_floor) {
    if (SeenWhole(camera, point) && SeenFree(layout, camera, point)) {
      stage.open_floor.push_back(point);
    }
  }
  return stage;
}

}  // namespace aislewatch::simulator
