#include "services/fusion/core/zone_attention.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::fusion {
namespace {

// Smaller people have faces of a few pixels.
constexpr float kLeastBody = 0.08f;
constexpr float kGreatestBody = 4;

bool Usable(const ZoneAttention::Sample& sample) {
  return std::isfinite(sample.standing.x) && std::isfinite(sample.standing.y) &&
         sample.body_height >= kLeastBody && sample.body_height <= kGreatestBody &&
         sample.aspect > 0.05f && sample.aspect < 20;
}

// Over so long the way is averaged.
constexpr absl::Duration kWayOf = absl::Milliseconds(500);

bool IsStaying(absl::Span<const Stay> stays, size_t zone) {
  return std::any_of(stays.begin(), stays.end(), [zone](const Stay& s) { return s.zone == zone; });
}

}  // namespace

void Stretches::Add(absl::Time now, bool holds) {
  if (on_ && now - last_ > bridge_) End();
  if (!holds) return;
  if (!on_) since_ = now;
  on_ = true;
  last_ = now;
}

void Stretches::End() {
  if (counts()) {
    total_ += last_ - since_;
    if (!first_) first_ = since_;
  }
  on_ = false;
}

std::optional<Heading> ZoneAttention::Smooth(const Sample& sample) {
  if (!sample.head || !(std::hypot(sample.head->right, sample.head->towards) < 2)) {
    return std::nullopt;
  }
  const absl::Duration step = sample.now - head_time_;
  head_time_ = sample.now;
  if (!head_ || step > 4 * kSmoothing) return head_ = sample.head;
  const auto share = static_cast<float>(1 - std::exp(-absl::FDivDuration(step, kSmoothing)));
  // Not of length 1, or what points the other way would never win.
  head_->right += share * (sample.head->right - head_->right);
  head_->towards += share * (sample.head->towards - head_->towards);
  const float length = std::hypot(head_->right, head_->towards);
  if (length < 1e-3f) return sample.head;
  return Heading{head_->right / length, head_->towards / length};
}

void ZoneAttention::Follow(const Sample& sample) {
  const FloorPoint place = OnFloor(sample.standing, sample.aspect);
  const absl::Duration step = sample.now - place_time_;
  place_time_ = sample.now;
  if (!behind_ || step > 4 * kWayOf) {
    behind_ = place;
    velocity_ = {};
    return;
  }
  const auto share = static_cast<float>(1 - std::exp(-absl::FDivDuration(step, kWayOf)));
  behind_->right += share * (place.right - behind_->right);
  behind_->towards += share * (place.towards - behind_->towards);
  const auto seconds = static_cast<float>(absl::ToDoubleSeconds(kWayOf));
  velocity_ = {(place.right - behind_->right) / seconds,
               (place.towards - behind_->towards) / seconds};
}

bool ZoneAttention::LooksAhead(const Sample& sample, Heading head) const {
  const float speed = std::hypot(velocity_.right, velocity_.towards);
  if (!(speed >= kWalking * sample.body_height)) return false;
  const float along = (velocity_.right * head.right + velocity_.towards * head.towards) / speed;
  return along > std::cos(kAhead);
}

bool ZoneAttention::Meets(const Zone& zone, const Sample& sample, Heading head) {
  if (Contains(zone.polygon, sample.standing)) {
    const auto out = FirstMet(zone.polygon, sample.standing, head, sample.aspect);
    return out && out->distance >= kLeastAhead * sample.body_height;
  }
  for (const float part : {0.0f, -0.5f, 0.5f, -1.0f, 1.0f}) {
    const auto met =
        FirstMet(zone.polygon, sample.standing, Turned(head, part * kTolerance), sample.aspect);
    if (met && met->distance <= kReach * sample.body_height && met->steepness >= kLeastSteepness) {
      return true;
    }
  }
  return false;
}

void ZoneAttention::Update(absl::Span<const Zone> zones, const Sample& sample,
                           absl::Span<const Stay> stays, std::vector<Visit>& ended) {
  // First what has been away too long already: coming back is a new visit.
  Pass(zones, sample.now, ended);
  if (Usable(sample)) {
    Follow(sample);
    const std::optional<Heading> head = Smooth(sample);
    const bool ahead = head && LooksAhead(sample, *head);
    for (size_t i = 0; i < zones.size(); ++i) {
      if (!HasAttention(zones[i].kind)) continue;
      const bool stays_here = IsStaying(stays, i);
      const bool near = stays_here || DistanceTo(zones[i].polygon, sample.standing,
                                                 sample.aspect) <= kNear * sample.body_height;
      if (!near) continue;
      const auto [it, is_new] = open_.try_emplace(i);
      Open& visit = it->second;
      if (is_new) {
        visit.begin = sample.now;
        visit.captured = sample.captured;
      }
      visit.last_near = sample.now;
      const bool meets = head && Meets(zones[i], sample, *head);
      visit.looks.Add(sample.now, meets && !ahead);
      visit.with_way.Add(sample.now, meets);
      visit.stays.Add(sample.now, stays_here);
    }
  }
}

void ZoneAttention::Pass(absl::Span<const Zone> zones, absl::Time now, std::vector<Visit>& ended) {
  for (auto it = open_.begin(); it != open_.end();) {
    if (now - it->second.last_near > kAway) {
      Finish(zones[it->first], it->second, ended);
      it = open_.erase(it);
    } else {
      // Nobody looks at what is not near, until this frame says otherwise.
      it->second.looks.Add(now, false);
      it->second.with_way.Add(now, false);
      ++it;
    }
  }
}

void ZoneAttention::End(absl::Span<const Zone> zones, std::vector<Visit>& ended) {
  for (const auto& [zone, open] : open_) Finish(zones[zone], open, ended);
  open_.clear();
}

void ZoneAttention::Finish(const Zone& zone, const Open& open, std::vector<Visit>& ended) {
  const absl::Duration length = open.last_near - open.begin;
  if (length < kLeastVisit) return;
  Visit visit;
  visit.zone_id = zone.id;
  visit.zone_kind = zone.kind;
  visit.begin = open.captured;
  visit.end = open.captured + length;
  visit.dwell = open.stays.total();
  visit.entered = open.stays.first().has_value();
  const Stretches& looks = visit.entered ? open.with_way : open.looks;
  visit.looking_time = looks.total();
  visit.looked = looks.first().has_value();
  visit.looked_before_entering =
      visit.looked && visit.entered && *looks.first() < *open.stays.first();
  ended.push_back(std::move(visit));
}

std::vector<size_t> ZoneAttention::LookedAt() const {
  std::vector<size_t> zones;
  for (const auto& [zone, open] : open_) {
    if (open.looks.counts()) zones.push_back(zone);
  }
  return zones;
}

}  // namespace aislewatch::fusion
