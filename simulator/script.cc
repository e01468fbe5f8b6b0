#include "simulator/script.h"

#include "simulator/store_mesh.h"

namespace aislewatch::simulator {
namespace {

// Shortest and longest duration of an activity, in seconds.
std::pair<float, float> Durations(Activity activity) {
  switch (activity) {
    case Activity::kTake:
      return {1.3f, 2.4f};
    case Activity::kReturn:
      return {1.3f, 2.4f};
    case Activity::kExamine:
      return {2.0f, 6.0f};
    case Activity::kConcealInClothes:
      return {1.9f, 3.6f};
    case Activity::kConcealInBag:
      return {2.3f, 4.2f};
    case Activity::kPutInBasket:
      return {1.4f, 2.4f};
    case Activity::kPhone:
    case Activity::kHoldUp:
      return {5.0f, 11.0f};
    case Activity::kHandsInPockets:
      return {3.0f, 8.0f};
    case Activity::kPay:
      return {4.0f, 8.0f};
    case Activity::kFight:
      return {5.0f, 9.0f};
    case Activity::kWalk:
    case Activity::kMeet:
      return {30.0f, 30.0f};
    default:
      return {1.5f, 4.5f};
  }
}

// Writes phases one after another for one person.
class Writer {
 public:
  Writer(const Stage& stage, Visit& visit, Random& random)
      : stage_(stage), visit_(visit), random_(random) {
    spot_ = stage.spots[static_cast<size_t>(random.Below(static_cast<int>(stage.spots.size())))];
  }

  void WalkTo(Vec3 where) {
    here_ = where;
    Phase phase;
    phase.activity = Activity::kWalk;
    phase.seconds = 30;
    phase.where = where;
    phase.hand = visit_.hand;
    visit_.phases.push_back(phase);
  }

  void WalkToSpot() {
    spot_ = stage_.spots[static_cast<size_t>(random_.Below(static_cast<int>(stage_.spots.size())))];
    const Vec3 across = Heading(spot_.towards_shelf + kPi / 2);
    WalkTo(spot_.position + across * random_.Uniform(-0.25f, 0.25f));
  }

  void Do(Activity activity) {
    Phase phase = PhaseAt(stage_, activity, spot_, visit_.hand, random_);
    phase.where = here_;
    visit_.phases.push_back(phase);
  }

  // Something that people do between other things.
  void Idle() {
    const float what = random_.Unit();
    if (what < 0.18f) {
      Do(Activity::kPhone);
    } else if (what < 0.36f) {
      Do(Activity::kHandsInPockets);
    } else {
      Do(Activity::kLook);
    }
  }

  void TakeSomething() {
    WalkToSpot();
    Do(Activity::kLook);
    Do(Activity::kTake);
    if (random_.Chance(0.75f)) Do(Activity::kExamine);
  }

  void Leave() { WalkTo(stage_.layout->exit); }

 private:
  const Stage& stage_;
  Visit& visit_;
  Random& random_;
  StandSpot spot_;
  Vec3 here_;
};

void Browse(Writer& writer, Random& random) {
  for (int i = 1 + random.Below(2); i >= 0; --i) {
    writer.WalkToSpot();
    writer.Idle();
  }
}

void Buy(Writer& writer, const Stage& stage, bool basket, Random& random) {
  for (int i = basket ? 1 + random.Below(2) : 1; i > 0; --i) {
    writer.TakeSomething();
    if (basket) writer.Do(Activity::kPutInBasket);
  }
  writer.WalkTo(stage.layout->checkout);
  writer.Do(Activity::kPay);
}

void Conceal(Writer& writer, Activity how, Random& random) {
  writer.TakeSomething();
  if (random.Chance(0.35f)) writer.WalkToSpot();
  writer.Do(how);
  writer.Do(Activity::kLook);
  if (random.Chance(0.4f)) {
    writer.WalkToSpot();
    writer.Idle();
  }
}

void Rehearse(Writer& writer, Random& random) {
  writer.WalkToSpot();
  for (int i = 4 + random.Below(4); i > 0; --i) {
    if (random.Chance(0.3f)) writer.Idle();
    if (random.Chance(0.25f)) writer.WalkToSpot();
    writer.Do(Activity::kTake);
    if (random.Chance(0.5f)) writer.Do(Activity::kExamine);
    const float what = random.Unit();
    writer.Do(what < 0.35f   ? Activity::kConcealInClothes
              : what < 0.7f  ? Activity::kConcealInBag
              : what < 0.92f ? Activity::kReturn
                             : Activity::kPutInBasket);
    if (random.Chance(0.4f)) writer.Idle();
  }
}

void StayAt(Writer& writer, Visit& visit, Vec3 where, Activity activity, float seconds) {
  writer.WalkTo(where);
  writer.Do(activity);
  visit.phases.back().seconds = seconds;
}

}  // namespace

Phase PhaseAt(const Stage& stage, Activity activity, const StandSpot& spot, int hand,
              Random& random) {
  Phase phase;
  phase.activity = activity;
  phase.hand = hand;
  phase.where = spot.position;
  phase.variant = random.Below(VariantCount(activity));
  const auto [shortest, longest] = Durations(activity);
  phase.seconds = random.Uniform(shortest, longest);
  const bool at_shelf = activity == Activity::kTake || activity == Activity::kReturn ||
                        (activity == Activity::kLook && random.Chance(0.8f));
  // Away from the shelf people turn to any side; mostly so that the camera sees the hands, since
  // what no camera can see is no use as ground truth.
  const Vec3 to_camera = stage.camera - spot.position;
  const float seen = random.Chance(0.9f) ? 1.7f : kPi;
  phase.yaw = at_shelf ? spot.towards_shelf + random.Uniform(-0.15f, 0.15f)
                       : std::atan2(to_camera.y, to_camera.x) + random.Uniform(-seen, seen);
  const Shelf& shelf = stage.layout->shelves[static_cast<size_t>(spot.shelf)];
  const float spacing = (shelf.height - 0.12f) / static_cast<float>(shelf.levels);
  const float level = static_cast<float>(1 + random.Below(shelf.levels - 1));
  const Vec3 in = Heading(spot.towards_shelf);
  const Vec3 across = Heading(spot.towards_shelf + kPi / 2);
  phase.shelf_point = spot.position + in * 0.56f + across * random.Uniform(-0.22f, 0.22f) +
                      Vec3{0, 0, std::min(1.75f, 0.12f + spacing * level + 0.12f)};
  return phase;
}

HeldItem RandomItem(Random& random) {
  HeldItem item;
  item.bottle = random.Chance(0.4f);
  item.size = item.bottle ? Vec3{0.045f, 0.045f, random.Uniform(0.18f, 0.26f)}
                          : Vec3{random.Uniform(0.07f, 0.15f), random.Uniform(0.04f, 0.08f),
                                 random.Uniform(0.1f, 0.22f)};
  item.color = ProductColor(random);
  return item;
}

Visit WriteVisit(const Stage& stage, VisitKind kind, float loiter_s, Vec3 meeting_point,
                 Random& random) {
  Visit visit;
  visit.kind = kind;
  visit.item = RandomItem(random);
  visit.hand = random.Chance(0.75f) ? kRight : kLeft;
  visit.basket = kind == VisitKind::kBuy && random.Chance(0.6f);
  Writer writer(stage, visit, random);
  const auto open_floor = [&] {
    const auto count = static_cast<int>(stage.open_floor.size());
    return stage.open_floor[static_cast<size_t>(random.Below(count))];
  };
  switch (kind) {
    case VisitKind::kBrowse:
      Browse(writer, random);
      break;
    case VisitKind::kBuy:
      Buy(writer, stage, visit.basket, random);
      break;
    case VisitKind::kPutBack:
      writer.TakeSomething();
      writer.Do(Activity::kReturn);
      writer.Idle();
      break;
    case VisitKind::kConcealInClothes:
      Conceal(writer, Activity::kConcealInClothes, random);
      break;
    case VisitKind::kConcealInBag:
      Conceal(writer, Activity::kConcealInBag, random);
      break;
    case VisitKind::kLoiter:
      StayAt(writer, visit, open_floor(), Activity::kLoiter, loiter_s * random.Uniform(1.0f, 1.4f));
      break;
    case VisitKind::kRestricted:
      StayAt(writer, visit, stage.layout->restricted, Activity::kLook, random.Uniform(4, 9));
      break;
    case VisitKind::kRehearsal:
      Rehearse(writer, random);
      break;
    case VisitKind::kWindowShop:
      return WriteWindowShopping(stage, random);
    case VisitKind::kArmed:
      visit.brings = AnyWeapon(random);
      writer.WalkToSpot();
      writer.Do(Activity::kHoldUp);
      break;
    case VisitKind::kLookAlike:
      visit.brings = AnyLookAlike(random);
      writer.WalkToSpot();
      writer.Idle();
      writer.Do(Activity::kHoldUp);
      break;
    case VisitKind::kFight:
      writer.WalkTo(meeting_point);
      writer.Do(Activity::kMeet);
      visit.phases.back().seconds = 30;
      writer.Do(Activity::kFight);
      writer.Do(Activity::kLook);
      break;
  }
  writer.Leave();
  return visit;
}

}  // namespace aislewatch::simulator
