#include "simulator/crowd.h"

#include <optional>
#include <set>

namespace aislewatch::simulator {
namespace {

bool InRestrictedZone(const StoreLayout& layout, Vec3 position) {
  for (const FloorZone& zone : layout.zones) {
    if (zone.kind == FloorZoneKind::kRestricted && Contains(zone.floor, position)) return true;
  }
  return false;
}

std::optional<ActKind> ActOf(const Actor& person) {
  switch (person.activity()) {
    case Activity::kConcealInClothes:
    case Activity::kConcealInBag:
      return ActKind::kConcealment;
    case Activity::kLoiter:
      return ActKind::kLoitering;
    case Activity::kFight:
      return ActKind::kFight;
    case Activity::kHoldUp:
      if (person.visit().brings && IsWeapon(*person.visit().brings)) return ActKind::kWeapon;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

void ActLog::Observe(absl::Span<const Actor> people, double time_s) {
  std::set<std::pair<ActKind, uint64_t>> now;
  const auto notice = [&](ActKind kind, std::vector<uint64_t> ids) {
    const std::pair key(kind, ids.front());
    if (!now.insert(key).second) return;
    const auto [found, is_new] = open_.try_emplace(key, acts_.size());
    if (is_new) acts_.push_back({kind, std::move(ids), time_s, time_s, false});
    acts_[found->second].end_s = time_s;
  };
  for (const Actor& person : people) {
    if (person.done()) continue;
    if (const auto kind = ActOf(person)) {
      // A fight is one act, whoever of the two is looked at.
      const uint64_t partner = person.partner_id();
      if (*kind == ActKind::kFight && partner != 0) {
        notice(*kind, {std::min(person.id(), partner), std::max(person.id(), partner)});
      } else {
        notice(*kind, {person.id()});
      }
    }
    if (InRestrictedZone(*layout_, person.position())) {
      notice(ActKind::kRestrictedZone, {person.id()});
    }
  }
  for (auto it = open_.begin(); it != open_.end();) {
    if (now.count(it->first) != 0) {
      ++it;
      continue;
    }
    acts_[it->second].end_s = time_s;
    acts_[it->second].complete = true;
    it = open_.erase(it);
  }
}

void AttentionLog::Stretch::Add(double time_s, bool holds) {
  constexpr double kBridge = 0.5;
  if (since_s && time_s - last_s > kBridge) {
    first_s = first();
    total_s = total();
    since_s.reset();
  }
  if (!holds) return;
  if (!since_s) since_s = time_s;
  last_s = time_s;
}

double AttentionLog::Stretch::total() const {
  constexpr double kLeast = 0.5;
  return total_s + (since_s && last_s - *since_s >= kLeast ? last_s - *since_s : 0);
}

double AttentionLog::Stretch::first() const {
  return first_s < 0 && since_s && total() > total_s ? *since_s : first_s;
}

void AttentionLog::Observe(absl::Span<const Actor> people, double time_s) {
  // One and a half times an average body: what is told as near.
  constexpr float kNear = 2.55f;
  for (const Bay& bay : layout_->bays) {
    const FloorZone& zone = layout_->zones[bay.zone];
    for (const Actor& person : people) {
      const Vec3 p = person.position();
      const Vec3 nearest{std::clamp(p.x, zone.floor.x0, zone.floor.x1),
                         std::clamp(p.y, zone.floor.y0, zone.floor.y1), 0};
      if (person.done() || FloorDistance(p, nearest) > kNear) continue;
      const auto [it, is_new] =
          followed_.try_emplace({person.id(), bay.zone}, Followed{visits_.size(), {}, {}});
      Followed& followed = it->second;
      if (is_new) visits_.push_back({person.id(), zone.id, time_s});
      TruthVisit& visit = visits_[followed.visit];
      visit.end_s = time_s;
      followed.looks.Add(time_s, person.looks_at() == bay.zone);
      followed.stays.Add(time_s, Contains(zone.floor, p));
      visit.looking_s = followed.looks.total();
      visit.looked = followed.looks.any();
      visit.dwell_s = followed.stays.total();
      visit.entered = followed.stays.any();
      visit.looked_before_entering = visit.looked && visit.entered &&
                                     followed.looks.first() < followed.stays.first();
    }
  }
}

Crowd::Crowd(const Stage& stage, const CrowdOptions& options, Random random)
    : stage_(&stage), options_(options), random_(random), log_(*stage.layout), attention_(*stage.layout) {
  next_kind_ = DrawKind();
}

uint64_t Crowd::Add(BodyShape shape, Visit visit, Vec3 start, float yaw, uint64_t partner_id,
                    Random random) {
  people_.emplace_back(next_id_, shape, std::move(visit), start, yaw, partner_id, random);
  return next_id_++;
}

VisitKind Crowd::DrawKind() {
  float total = 0;
  for (const float weight : options_.mix) total += weight;
  float left = random_.Uniform(0, total);
  for (int i = 0; i < kVisitKindCount; ++i) {
    left -= options_.mix[static_cast<size_t>(i)];
    if (left < 0) return static_cast<VisitKind>(i);
  }
  return VisitKind::kBrowse;
}

void Crowd::Enter(VisitKind kind, Vec3 meeting_point, uint64_t partner_id) {
  BodyShape shape = BodyShape::Create(random_);
  const bool needs_bag = kind == VisitKind::kConcealInBag || kind == VisitKind::kRehearsal;
  if (needs_bag && shape.bag == BagKind::kNone) {
    shape.bag = random_.Chance(0.5f) ? BagKind::kShoulderBag : BagKind::kTote;
  }
  Visit visit = WriteVisit(*stage_, kind, options_.loiter_s, meeting_point, random_);
  const Vec3 start = stage_->layout->entrance +
                     Vec3{random_.Uniform(-0.4f, 0.4f), random_.Uniform(-0.5f, 0.2f), 0};
  const Vec3 from = visit.start.value_or(start);
  const float yaw = visit.start_yaw;
  Add(shape, std::move(visit), from, yaw, partner_id, Random(random_.Next()));
}

void Crowd::LetIn() {
  if (time_s_ < next_arrival_s_ || options_.people_per_minute <= 0) return;
  const VisitKind kind = next_kind_;
  const int arriving = kind == VisitKind::kFight ? 2 : 1;
  if (static_cast<int>(people_.size()) + arriving > options_.max_people) return;
  next_kind_ = DrawKind();
  const float mean = 60 / options_.people_per_minute * static_cast<float>(arriving);
  next_arrival_s_ = time_s_ - mean * std::log(1 - random_.Unit());
  const auto count = static_cast<int>(stage_->open_floor.size());
  const Vec3 place = stage_->open_floor[static_cast<size_t>(random_.Below(count))];
  if (arriving == 1) {
    Enter(kind, place, 0);
    return;
  }
  const Vec3 apart = Heading(random_.Uniform(0, 2 * kPi)) * 0.45f;
  const uint64_t first = next_id_;
  Enter(kind, place + apart, first + 1);
  Enter(kind, place - apart, first);
}

void Crowd::Step(float dt) {
  LetIn();
  for (Actor& person : people_) person.Step(dt, *stage_->layout, people_);
  time_s_ += dt;
  log_.Observe(people_, time_s_);
  attention_.Observe(people_, time_s_);
  std::erase_if(people_, [](const Actor& person) { return person.done(); });
}

}  // namespace aislewatch::simulator
