#include "services/fusion/core/track_book.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "services/fusion/core/head_heading.h"
#include "services/fusion/core/standing_point.h"
#include "services/fusion/core/weapon_risk.h"

namespace aislewatch::fusion {
namespace {

// Poses this far outside the picture are no poses; scorers square coordinates.
constexpr float kFarthest = 10;

Pose Sanitised(Pose pose) {
  for (Keypoint& joint : pose) {
    const bool usable =
        std::abs(joint.x) <= kFarthest && std::abs(joint.y) <= kFarthest && joint.confidence >= 0;
    joint = usable ? Keypoint{joint.x, joint.y, std::min(joint.confidence, 1.0f)} : Keypoint{};
  }
  return pose;
}

std::optional<ActionScores> Sanitised(std::optional<ActionScores> clip) {
  if (!clip || !std::isfinite(clip->shoplifting)) return std::nullopt;
  clip->shoplifting = std::clamp(clip->shoplifting, 0.0f, 1.0f);
  for (float& p : clip->probability) {
    if (!std::isfinite(p)) return std::nullopt;
    p = std::clamp(p, 0.0f, 1.0f);
  }
  return clip;
}

std::optional<float> Sanitised(std::optional<float> score) {
  if (!score || !std::isfinite(*score)) return std::nullopt;
  return std::clamp(*score, 0.0f, 1.0f);
}

float Aspect(const FrameSize& frame) {
  return frame.height > 0 ? static_cast<float>(frame.width) / static_cast<float>(frame.height)
                          : 1.0f;
}

// In heights of the picture.
float BodyHeight(const JudgedPerson& person) { return person.foot.y - person.box.y; }

}  // namespace

void TrackBook::Use(const PoseAnomalyScorer* scorer) {
  scorer_ = scorer;
  for (auto& [id, track] : tracks_) {
    track.scorer = scorer == nullptr ? nullptr : scorer->NewTrack();
    track.pose_anomaly.reset();
  }
}

void TrackBook::Use(const FightingScorer* fighting) {
  fighting_ = fighting == nullptr ? nullptr : fighting->NewTracks();
  for (auto& [id, track] : tracks_) track.pair.reset();
}

std::vector<JudgedPerson> TrackBook::Look(const Observation& observation, const Tick& tick) {
  for (const ObservedPerson& person : observation.people) TrackOf(person.tracked.track_id, tick);
  ObservePairs(observation, tick);
  std::vector<JudgedPerson> people;
  people.reserve(observation.people.size());
  std::unordered_set<uint64_t> seen;
  for (const ObservedPerson& person : observation.people) {
    if (!seen.insert(person.tracked.track_id).second) continue;
    Track& track = tracks_.at(person.tracked.track_id);
    // Scorers want time to rise; a frame that adds none tells nothing new of the movement.
    const bool first = track.last_frame == 0;
    const Pose pose = Sanitised(person.tracked.person.keypoints);
    if (track.scorer != nullptr && (first || tick.now > track.last_seen)) {
      track.pose_anomaly = Sanitised(track.scorer->Push({tick.now, pose, observation.frame}));
    }
    JudgedPerson judged;
    judged.track_id = person.tracked.track_id;
    judged.box = person.tracked.person.box;
    judged.foot = StandingPoint(person.tracked.person);
    judged.head = HeadHeading(pose, Aspect(observation.frame), BodyHeight(judged));
    judged.pose_anomaly = track.pose_anomaly;
    judged.pair = track.pair;
    judged.clip = Sanitised(person.clip);
    if (person.objects) judged.weapon = SurestWeapon(*person.objects);
    people.push_back(std::move(judged));
  }
  return people;
}

std::vector<TrackView> TrackBook::Follow(absl::Span<const JudgedPerson> people,
                                         const FrameSize& frame, const Tick& tick) {
  ++frame_;
  std::vector<TrackView> views;
  views.reserve(people.size());
  for (const JudgedPerson& person : people) {
    Track& track = TrackOf(person.track_id, tick);
    if (track.last_frame == frame_) continue;
    views.push_back(Update(person, frame, tick, track));
  }
  Forget(tick);
  return views;
}

TrackBook::Track& TrackBook::TrackOf(uint64_t id, const Tick& tick) {
  const auto [it, is_new] = tracks_.try_emplace(id);
  if (is_new) {
    it->second.first_seen = tick.now;
    if (scorer_ != nullptr) it->second.scorer = scorer_->NewTrack();
  }
  return it->second;
}

void TrackBook::ObservePairs(const Observation& observation, const Tick& tick) {
  // As for the other scorer, a frame that adds no time tells nothing new.
  if (fighting_ == nullptr || tick.now <= last_paired_) return;
  last_paired_ = tick.now;
  std::vector<PersonPose> poses;
  std::unordered_set<uint64_t> seen;
  poses.reserve(observation.people.size());
  for (const ObservedPerson& person : observation.people) {
    if (!seen.insert(person.tracked.track_id).second) continue;
    poses.push_back({person.tracked.track_id, Sanitised(person.tracked.person.keypoints)});
  }
  const auto evidence = fighting_->Push({tick.now, observation.frame, poses});
  for (size_t i = 0; i < poses.size(); ++i) tracks_.at(poses[i].track_id).pair = evidence[i];
}

TrackView TrackBook::Update(const JudgedPerson& person, const FrameSize& frame, const Tick& tick,
                            Track& track) {
  track.last_seen = tick.now;
  track.last_frame = frame_;
  track.zones.Update(zones_, person.foot, tick.now);

  TrackView view;
  view.id = person.track_id;
  view.box = person.box;
  view.aspect = Aspect(frame);
  view.dwell = tick.now - track.first_seen;
  view.stays = track.zones.Stays();
  Attend(person, tick, track, view);
  view.pose_anomaly = person.pose_anomaly;
  view.pair = person.pair;
  view.clip = person.clip;
  RiskInputs inputs;
  inputs.pose_anomaly = view.pose_anomaly;
  inputs.pair = view.pair;
  if (view.clip) {
    inputs.shoplifting = view.clip->shoplifting;
    inputs.fighting = view.clip->probability[static_cast<size_t>(Action::kFighting)];
  }
  for (const Stay& stay : view.stays) inputs.zones.push_back(zones_[stay.zone].kind);
  inputs.dwell = view.dwell;
  view.looked_at = person.weapon.has_value();
  if (view.looked_at) track.weapon = RiskOf(*person.weapon);
  view.weapon = track.weapon;
  view.concealment = risk_model_.Concealment(inputs);
  view.fight = risk_model_.Fight(inputs);
  return view;
}

void TrackBook::Attend(const JudgedPerson& person, const Tick& tick, Track& track,
                       TrackView& view) {
  ZoneAttention::Sample sample;
  sample.standing = person.foot;
  sample.body_height = BodyHeight(person);
  sample.aspect = view.aspect;
  sample.head = person.head;
  sample.now = tick.now;
  sample.captured = tick.captured;
  const size_t before = ended_.size();
  track.attention.Update(zones_, sample, view.stays, ended_);
  for (size_t i = before; i < ended_.size(); ++i) ended_[i].track_id = view.id;
  view.looks_at = track.attention.LookedAt();
}

void TrackBook::EndVisits() {
  for (auto& [id, track] : tracks_) EndVisits(id, track);
}

void TrackBook::EndVisits(uint64_t track_id, Track& track) {
  const size_t before = ended_.size();
  track.attention.End(zones_, ended_);
  for (size_t i = before; i < ended_.size(); ++i) ended_[i].track_id = track_id;
}

void TrackBook::Forget(const Tick& tick) {
  forgotten_.clear();
  const absl::Duration keep = std::max(kForgetAfter, tick.gap);
  // Where time stands still nothing grows old; then all that are not in this frame have to go.
  const bool too_many = tracks_.size() > kMaxTracks;
  for (auto it = tracks_.begin(); it != tracks_.end();) {
    Track& track = it->second;
    if (track.last_frame != frame_) {
      const size_t before = ended_.size();
      track.attention.Pass(zones_, tick.now, ended_);
      for (size_t i = before; i < ended_.size(); ++i) ended_[i].track_id = it->first;
    }
    if (track.last_frame != frame_ && (too_many || tick.now - track.last_seen > keep)) {
      forgotten_.push_back(it->first);
      EndVisits(it->first, track);
      it = tracks_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace aislewatch::fusion
