#include "simulator/store_layout.h"

#include <limits>

namespace aislewatch::simulator {
namespace {

// Shoulders pass furniture at this distance.
constexpr float kBodyMargin = 0.28f;

FloorRect Grown(const FloorRect& r, float by) {
  return {r.x0 - by, r.y0 - by, r.x1 + by, r.y1 + by};
}

// Liang and Barsky: whether the segment touches the rectangle.
bool Crosses(const FloorRect& r, Vec3 from, Vec3 to) {
  const float dx = to.x - from.x, dy = to.y - from.y;
  const float p[4] = {-dx, dx, -dy, dy};
  const float q[4] = {from.x - r.x0, r.x1 - from.x, from.y - r.y0, r.y1 - from.y};
  float enter = 0, leave = 1;
  for (int i = 0; i < 4; ++i) {
    if (p[i] == 0) {
      if (q[i] < 0) return false;
      continue;
    }
    const float t = q[i] / p[i];
    if (p[i] < 0) enter = std::max(enter, t);
    if (p[i] > 0) leave = std::min(leave, t);
  }
  return enter < leave;
}

}  // namespace

bool Contains(const FloorRect& rect, Vec3 p) {
  return p.x > rect.x0 && p.x < rect.x1 && p.y > rect.y0 && p.y < rect.y1;
}

StoreLayout StoreLayout::Create(Random random) {
  StoreLayout layout;
  const float half = random.Uniform(3.1f, 3.5f);
  const float depth = random.Uniform(7.9f, 8.9f);
  layout.room = {-half, -2.5f, half, depth};
  layout.counter = {1.55f, 1.65f, 2.5f, 2.2f};
  layout.PlaceShelves(random);
  const float lane = half / 2 + 0.05f;
  const float back = depth - 1.25f;
  layout.entrance = {-0.9f, -0.9f, 0};
  layout.exit = {0.9f, -0.9f, 0};
  layout.checkout = {1.15f, 1.9f, 0};
  layout.restricted = {half - 0.9f, depth - 0.9f, 0};
  layout.waypoints = {
      {-lane, 2.0f, 0},          {-lane, 4.5f, 0}, {-lane, back, 0},      {0, back, 0},
      {0.95f, depth - 1.95f, 0}, {lane, 4.5f, 0},  {1.0f, 2.6f, 0},       {0, 2.3f, 0},
      {-0.9f, 0.5f, 0},          {0.9f, 0.5f, 0},  {lane + 0.1f, 3.0f, 0}};
  layout.open_floor = {{-lane, 2.3f, 0}, {-0.5f, 2.3f, 0}, {-lane, 4.2f, 0},
                       {-lane, 5.4f, 0}, {lane, 3.6f, 0},  {lane, 5.2f, 0}};
  layout.PlaceSpots();
  if (random.Chance(0.5f)) layout.Mirror();
  return layout;
}

void StoreLayout::PlaceShelves(Random& random) {
  const float front = random.Uniform(2.9f, 3.2f);
  const float end = front + random.Uniform(2.8f, 3.3f);
  const float low = random.Uniform(1.2f, 1.45f);
  const float wall_height = random.Uniform(1.9f, 2.2f);
  const FloorRect left{room.x0, 1.8f, room.x0 + 0.45f, room.y1 - 0.6f};
  const FloorRect right{room.x1 - 0.45f, 2.7f, room.x1, room.y1 - 2.3f};
  const FloorRect back{room.x0 + 0.6f, room.y1 - 0.5f, 1.0f, room.y1};
  const FloorRect gondola_left{-0.42f, front, 0, end};
  const FloorRect gondola_right{0, front, 0.42f, end};
  shelves = {{left, wall_height, 0, 5},
             {right, wall_height, kPi, 5},
             {back, wall_height, -kPi / 2, 5},
             {gondola_left, low, kPi, 4},
             {gondola_right, low, 0, 4}};
  furniture = {left, right, back, {-0.42f, front, 0.42f, end}, counter};
  // The strip where customers of a shelf stand is the shelf's zone.
  const float reach = 0.95f;
  zones = {{"shelf-left", FloorZoneKind::kShelf, {left.x1, left.y0, left.x1 + reach, left.y1}},
           {"shelf-right", FloorZoneKind::kShelf, {right.x0 - reach, right.y0, right.x0, right.y1}},
           {"shelf-back", FloorZoneKind::kShelf, {back.x0, back.y0 - reach, back.x1, back.y0}},
           {"gondola-left", FloorZoneKind::kShelf, {-0.42f - reach, front, -0.42f, end}},
           {"gondola-right", FloorZoneKind::kShelf, {0.42f, front, 0.42f + reach, end}},
           {"checkout", FloorZoneKind::kCheckout, {0.75f, 1.4f, 1.55f, 2.5f}},
           {"exit", FloorZoneKind::kExit, {room.x0 + 0.5f, -0.5f, room.x1 - 0.5f, 1.3f}},
           {"staff-only", FloorZoneKind::kRestricted, {1.35f, room.y1 - 1.7f, room.x1, room.y1}}};
}

void StoreLayout::PlaceSpots() {
  constexpr float kStand = 0.52f;
  constexpr float kSpacing = 0.85f;
  for (size_t i = 0; i < shelves.size(); ++i) {
    const Shelf& shelf = shelves[i];
    const FloorRect& r = shelf.floor;
    const bool along_y = std::abs(std::cos(shelf.facing)) > 0.5f;
    const float from = (along_y ? r.y0 : r.x0) + 0.5f;
    const float to = (along_y ? r.y1 : r.x1) - 0.5f;
    for (float at = from; at <= to; at += kSpacing) {
      Vec3 position;
      if (along_y) {
        position = {shelf.facing == 0 ? r.x1 + kStand : r.x0 - kStand, at, 0};
      } else {
        position = {at, r.y0 - kStand, 0};
      }
      bool restricted_floor = false;
      for (const FloorZone& zone : zones) {
        restricted_floor |=
            zone.kind == FloorZoneKind::kRestricted && Contains(zone.floor, position);
      }
      if (restricted_floor) continue;
      spots.push_back({position, WrapAngle(shelf.facing + kPi), static_cast<int>(i)});
    }
  }
}

void StoreLayout::Mirror() {
  const auto flip = [](FloorRect& r) { r = {-r.x1, r.y0, -r.x0, r.y1}; };
  flip(room);
  flip(counter);
  for (Shelf& shelf : shelves) {
    flip(shelf.floor);
    shelf.facing = WrapAngle(kPi - shelf.facing);
  }
  for (FloorRect& rect : furniture) flip(rect);
  for (Wall& wall : walls) flip(wall.floor);
  for (Bay& bay : bays) {
    bay.inside.x = -bay.inside.x;
    bay.goods.x = -bay.goods.x;
    bay.edge_x = -bay.edge_x;
    bay.side = -bay.side;
  }
  for (FloorZone& zone : zones) {
    flip(zone.floor);
    const size_t dash = zone.id.rfind('-');
    const std::string side = dash == std::string::npos ? "" : zone.id.substr(dash + 1);
    if (side == "left") zone.id.replace(dash + 1, side.size(), "right");
    if (side == "right") zone.id.replace(dash + 1, side.size(), "left");
  }
  for (StandSpot& spot : spots) {
    spot.position.x = -spot.position.x;
    spot.towards_shelf = WrapAngle(kPi - spot.towards_shelf);
  }
  for (auto* points : {&waypoints, &open_floor}) {
    for (Vec3& point : *points) point.x = -point.x;
  }
  for (Vec3* point : {&entrance, &exit, &checkout, &restricted}) point->x = -point->x;
}

bool StoreLayout::Free(Vec3 from, Vec3 to) const {
  for (const FloorRect& rect : furniture) {
    if (Crosses(Grown(rect, kBodyMargin), from, to)) return false;
  }
  for (const FloorZone& zone : zones) {
    // Nobody takes a short cut through the staff area.
    const bool avoided = zone.kind == FloorZoneKind::kRestricted && !Contains(zone.floor, from) &&
                         !Contains(zone.floor, to);
    if (avoided && Crosses(zone.floor, from, to)) return false;
  }
  return true;
}

std::vector<Vec3> StoreLayout::FindPath(Vec3 from, Vec3 to) const {
  if (Free(from, to)) return {to};
  // Dijkstra backwards from `to`; nodes: waypoints, then `to`.
  std::vector<Vec3> nodes = waypoints;
  nodes.push_back(to);
  const float kFar = std::numeric_limits<float>::max();
  std::vector<float> cost(nodes.size(), kFar);
  std::vector<size_t> next(nodes.size(), nodes.size());
  std::vector<bool> done(nodes.size(), false);
  cost.back() = 0;
  for (size_t round = 0; round < nodes.size(); ++round) {
    size_t best = nodes.size();
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (!done[i] && cost[i] < kFar && (best == nodes.size() || cost[i] < cost[best])) best = i;
    }
    if (best == nodes.size()) break;
    done[best] = true;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const float through = cost[best] + FloorDistance(nodes[i], nodes[best]);
      if (done[i] || through >= cost[i] || !Free(nodes[i], nodes[best])) continue;
      cost[i] = through;
      next[i] = best;
    }
  }
  size_t start = nodes.size();
  float least = kFar;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (cost[i] == kFar || !Free(from, nodes[i])) continue;
    const float total = cost[i] + FloorDistance(from, nodes[i]);
    if (total < least) {
      least = total;
      start = i;
    }
  }
  std::vector<Vec3> path;
  for (size_t i = start; i < nodes.size(); i = next[i]) path.push_back(nodes[i]);
  if (path.empty()) path.push_back(to);
  return path;
}

Vec3 StoreLayout::PushOut(Vec3 p, float margin) const {
  p.x = std::clamp(p.x, room.x0 + margin, room.x1 - margin);
  p.y = std::min(p.y, room.y1 - margin);
  for (const FloorRect& rect : furniture) {
    const FloorRect r = Grown(rect, margin);
    if (!Contains(r, p)) continue;
    const float left = p.x - r.x0, right = r.x1 - p.x, near = p.y - r.y0, far = r.y1 - p.y;
    const float least = std::min({left, right, near, far});
    if (least == left)
      p.x = r.x0;
    else if (least == right)
      p.x = r.x1;
    else if (least == near)
      p.y = r.y0;
    else
      p.y = r.y1;
  }
  return p;
}

}  // namespace aislewatch::simulator
