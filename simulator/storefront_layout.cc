// The floor plan of a corridor in a shopping centre:
//
//        y  ────────────────────────── cross corridor, its ends out of sight
//        │  ▓▓▓▓┐                 ┌▓▓▓
//        │  shop│                 │shop
//        │  ▓▓▓▓┘                 ├▓▓▓
//        │  shop│     corridor    │shop
//        │  ▓▓▓▓┘                 └▓▓▓
//        └────── below the camera ──────── x
//
// Shops are open to the corridor: goods along the back wall, low walls beside them.
#include "simulator/store_layout.h"

namespace aislewatch::simulator {
namespace {

constexpr float kCeiling = 3.4f;
constexpr float kCrossCorridor = 7.9f;

struct BayPlan {
  const char* id;
  FloorZoneKind kind;
  float side;
  float y0, y1;
};

// Goods at the wall, the floor in front of them as the zone.
void AddBay(const BayPlan& plan, float half, float deep, Random& random, StoreLayout& layout) {
  constexpr float kShelfDepth = 0.4f;
  const auto across = [&](float from_wall_0, float from_wall_1) {
    const float a = plan.side * (half - from_wall_0), b = plan.side * (half - from_wall_1);
    return FloorRect{std::min(a, b), plan.y0, std::max(a, b), plan.y1};
  };
  const FloorRect shelf = across(0, kShelfDepth);
  const float facing = plan.side > 0 ? kPi : 0;
  layout.shelves.push_back({shelf, random.Uniform(1.5f, 2.1f), facing, 5});
  layout.furniture.push_back(shelf);
  layout.zones.push_back({plan.id, plan.kind, across(kShelfDepth, deep)});
  for (const float y : {plan.y0 - 0.2f, plan.y1}) {
    FloorRect wall = across(0, deep);
    wall.y0 = y;
    wall.y1 = y + 0.2f;
    layout.walls.push_back({wall, 0.9f});
    layout.furniture.push_back(wall);
  }
  const float middle = (plan.y0 + plan.y1) / 2;
  Bay bay;
  bay.zone = layout.zones.size() - 1;
  bay.inside = {plan.side * (half - kShelfDepth - 0.5f), middle, 0};
  bay.edge_x = plan.side * (half - deep);
  bay.side = plan.side;
  bay.goods = {plan.side * (half - 0.2f), middle, 1.25f};
  layout.bays.push_back(bay);
  layout.spots.push_back(
      {bay.inside, WrapAngle(facing + kPi), static_cast<int>(layout.shelves.size()) - 1});
}

}  // namespace

StoreLayout StoreLayout::CreateStorefronts(Random random) {
  StoreLayout layout;
  const float half = random.Uniform(3.2f, 3.6f);
  const float deep = random.Uniform(1.5f, 1.7f);
  const float shift = random.Uniform(-0.2f, 0.3f);
  layout.room = {-7, -2.5f, 7, 9.4f};
  // By their middle: who walks past them takes them in this order.
  const BayPlan plans[] = {
      {"shop-1", FloorZoneKind::kStorefront, -1, 1.9f + shift, 4.0f + shift},
      {"shop-2", FloorZoneKind::kStorefront, 1, 3.3f + shift, 5.2f + shift},
      {"shop-3", FloorZoneKind::kStorefront, -1, 5.0f + shift, 7.1f + shift},
      {"promotion-shelf", FloorZoneKind::kShelf, 1, 5.9f + shift, 7.3f + shift}};
  for (const BayPlan& plan : plans) AddBay(plan, half, deep, random, layout);
  for (const FloorRect& block :
       {FloorRect{-7, -2.5f, -half, kCrossCorridor}, FloorRect{half, -2.5f, 7, kCrossCorridor}}) {
    layout.walls.push_back({block, kCeiling});
    layout.furniture.push_back(block);
  }
  layout.entrance = {-0.9f, -0.9f, 0};
  layout.exit = {0.9f, -0.9f, 0};
  layout.waypoints = {{0, 1, 0}, {0, 3, 0}, {0, 5, 0}, {0, 7, 0}, {0, 8.6f, 0}};
  layout.open_floor = {{0, 4, 0}, {0, 5.5f, 0}};
  if (random.Chance(0.5f)) layout.Mirror();
  return layout;
}

}  // namespace aislewatch::simulator
