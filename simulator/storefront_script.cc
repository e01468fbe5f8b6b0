#include "simulator/script.h"

namespace aislewatch::simulator {
namespace {

class WindowShopper {
 public:
  WindowShopper(Visit& visit, Random& random) : visit_(visit), random_(random) {
    inwards_ = random.Chance(0.5f);
    lane_ = random.Uniform(-1.0f, 1.0f);
    const Vec3 far{random.Sign() * 5.6f, 8.7f, 0};
    const Vec3 below{random.Uniform(-1.2f, 1.2f), -1.0f, 0};
    const Vec3 other_far{random.Sign() * 5.6f, 8.7f, 0};
    visit.start = inwards_ ? below : far;
    visit.start_yaw = inwards_ ? kPi / 2 : -kPi / 2;
    goal_ = inwards_ ? other_far : below;
    along_ = inwards_ ? 0.3f : 8.6f;
    if (!inwards_) WalkTo({lane_, 8.6f, 0});
  }

  void Pass(const Bay& bay) {
    const float what = random_.Unit();
    if (what < 0.4f) return;
    const float middle = bay.goods.y;
    if (what < 0.62f) {
      // A look while walking, which ends when the neck would have to turn too far.
      Forward(middle - Direction() * random_.Uniform(1.2f, 2.2f));
      Forward(middle + Direction() * random_.Uniform(0.1f, 0.7f));
      LookAt(bay);
      return;
    }
    const Vec3 place{bay.edge_x - bay.side * random_.Uniform(0.35f, 1.4f),
                     middle + random_.Uniform(-0.7f, 0.7f), 0};
    WalkTo(place);
    if (what < 0.76f) {
      Stand(Activity::kLook, bay, random_.Uniform(1.5f, 6.0f), true);
    } else if (what < 0.84f) {
      Stand(Activity::kPhone, bay, random_.Uniform(4.0f, 8.0f), false);
    } else {
      if (random_.Chance(0.5f)) Stand(Activity::kLook, bay, random_.Uniform(1.0f, 3.0f), true);
      WalkTo(bay.inside + Vec3{0, random_.Uniform(-0.4f, 0.4f), 0});
      LookAt(bay);
      Stand(Activity::kLook, bay, random_.Uniform(2.0f, 7.0f), true);
      WalkTo(place);
    }
    along_ = place.y;
  }

  void Leave() {
    if (inwards_) WalkTo({lane_, 8.6f, 0});
    WalkTo(goal_);
  }
  bool inwards() const { return inwards_; }

 private:
  float Direction() const { return inwards_ ? 1.0f : -1.0f; }

  // Along the corridor; never back.
  void Forward(float y) {
    along_ = inwards_ ? std::max(along_, y) : std::min(along_, y);
    WalkTo({lane_, along_, 0});
  }

  void WalkTo(Vec3 where) {
    here_ = where;
    Phase phase;
    phase.seconds = 30;
    phase.where = where;
    phase.hand = visit_.hand;
    visit_.phases.push_back(phase);
  }

  void Stand(Activity activity, const Bay& bay, float seconds, bool looks) {
    Phase phase;
    phase.activity = activity;
    phase.seconds = seconds;
    phase.where = here_;
    phase.hand = visit_.hand;
    const Vec3 to = bay.goods - here_;
    // Nobody stands square to what they look at; whoever does not look faces along the corridor.
    phase.yaw = looks ? std::atan2(to.y, to.x) + random_.Uniform(-0.5f, 0.5f)
                      : random_.Sign() * kPi / 2 + random_.Uniform(-0.3f, 0.3f);
    visit_.phases.push_back(phase);
    if (looks) LookAt(bay);
  }

  void LookAt(const Bay& bay) {
    visit_.phases.back().look_zone = bay.zone;
    visit_.phases.back().look_point = bay.goods + Vec3{0, random_.Uniform(-0.4f, 0.4f), 0};
  }

  Visit& visit_;
  Random& random_;
  bool inwards_ = true;
  float lane_ = 0;
  float along_ = 0;
  Vec3 here_;
  Vec3 goal_;
};

}  // namespace

Visit WriteWindowShopping(const Stage& stage, Random& random) {
  Visit visit;
  visit.kind = VisitKind::kWindowShop;
  visit.item = RandomItem(random);
  visit.hand = random.Chance(0.75f) ? kRight : kLeft;
  const std::vector<Bay>& bays = stage.layout->bays;
  WindowShopper shopper(visit, random);
  for (size_t i = 0; i < bays.size(); ++i) {
    shopper.Pass(shopper.inwards() ? bays[i] : bays[bays.size() - 1 - i]);
  }
  shopper.Leave();
  return visit;
}

}  // namespace aislewatch::simulator
