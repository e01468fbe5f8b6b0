#include "services/fusion/rpc/judged_convert.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/fusion/rpc/fusion_convert.h"

namespace aislewatch::fusion {
namespace {

constexpr float kSteps = 1024;
// Farther outside of the picture is nobody.
constexpr float kFarthestJudged = 10;
constexpr int kMaxDegraded = 16;
constexpr size_t kMaxWeaponName = 64;

float Rounded(float value) {
  return std::isfinite(value) ? std::round(value * kSteps) / kSteps : 0;
}

// What cannot be used counts as missing, as everywhere.
std::optional<float> Score(float value) {
  if (!std::isfinite(value)) return std::nullopt;
  return std::clamp(value, 0.0f, 1.0f);
}

float Coordinate(float value) {
  return std::isfinite(value) ? std::clamp(value, -kFarthestJudged, kFarthestJudged) : 0;
}

v1::JudgedTrack TrackToProto(const JudgedPerson& person) {
  v1::JudgedTrack to;
  to.set_track_id(person.track_id);
  v1::NormalizedBox& box = *to.mutable_box();
  box = ToProto(NormalizedBox{Rounded(person.box.x), Rounded(person.box.y),
                              Rounded(person.box.width), Rounded(person.box.height)});
  to.mutable_foot()->set_x(Rounded(person.foot.x));
  to.mutable_foot()->set_y(Rounded(person.foot.y));
  if (person.pose_anomaly) to.set_pose_anomaly(Rounded(*person.pose_anomaly));
  if (person.clip) {
    to.set_shoplifting(Rounded(person.clip->shoplifting));
    for (const float p : person.clip->probability) to.add_actions(Rounded(p));
  }
  if (person.pair) {
    to.set_pose_fighting(Rounded(person.pair->probability));
    to.set_alone(person.pair->alone);
  }
  if (person.weapon) {
    to.mutable_weapon()->set_score(Rounded(person.weapon->score));
    to.mutable_weapon()->set_class_name(person.weapon->name.substr(0, kMaxWeaponName));
  }
  return to;
}

std::optional<ActionScores> ActionsFromProto(const v1::JudgedTrack& from) {
  const std::optional<float> shoplifting = Score(from.shoplifting());
  if (from.actions_size() == 0 || !shoplifting) return std::nullopt;
  ActionScores scores;
  scores.shoplifting = *shoplifting;
  // Further ones are a newer classifier's.
  for (int i = 0; i < std::min(from.actions_size(), kActionCount); ++i) {
    const std::optional<float> p = Score(from.actions(i));
    if (!p) return std::nullopt;
    scores.probability[static_cast<size_t>(i)] = *p;
  }
  return scores;
}

JudgedPerson TrackFromProto(const v1::JudgedTrack& from) {
  JudgedPerson person;
  person.track_id = from.track_id();
  person.box = {Coordinate(from.box().x()), Coordinate(from.box().y()),
                Coordinate(from.box().width()), Coordinate(from.box().height())};
  person.foot = {Coordinate(from.foot().x()), Coordinate(from.foot().y())};
  if (from.has_pose_anomaly()) person.pose_anomaly = Score(from.pose_anomaly());
  person.clip = ActionsFromProto(from);
  if (from.has_pose_fighting()) {
    if (const auto p = Score(from.pose_fighting())) person.pair = {*p, from.alone()};
  }
  if (from.has_weapon()) {
    person.weapon = {Score(from.weapon().score()).value_or(0),
                     from.weapon().class_name().substr(0, kMaxWeaponName)};
  }
  return person;
}

absl::Status CheckJudged(const v1::JudgedFrame& from) {
  AW_RETURN_IF_ERROR(CheckTime(from.capture_time(), "capture_time"));
  AW_RETURN_IF_ERROR(CheckTime(from.from_time(), "from_time"));
  if (!from.has_capture_time()) {
    return absl::InvalidArgumentError("a judged frame has no capture_time");
  }
  AW_RETURN_IF_ERROR(CheckFrameSize(from.frame_width(), from.frame_height()));
  if (from.tracks_size() > kMaxPeople || from.degraded_size() > kMaxDegraded) {
    return absl::InvalidArgumentError(absl::StrCat("a judged frame holds at most ", kMaxPeople,
                                                   " tracks and ", kMaxDegraded, " stages"));
  }
  if (from.frames() > 1 && (from.tracks_size() > 0 || !from.has_from_time() ||
                            FromProto(from.from_time()) > FromProto(from.capture_time()))) {
    return absl::InvalidArgumentError(
        "a judged frame that stands for several has nobody in it, and a from_time before its "
        "capture_time");
  }
  return absl::OkStatus();
}

void AddFrames(const v1::JudgedFrame& from, std::vector<JudgedFrame>& to) {
  JudgedFrame frame;
  frame.capture_time = FromProto(from.capture_time());
  frame.frame = {static_cast<int>(from.frame_width()), static_cast<int>(from.frame_height())};
  frame.degraded.assign(from.degraded().begin(), from.degraded().end());
  frame.first = from.first();
  frame.people.reserve(static_cast<size_t>(from.tracks_size()));
  for (const v1::JudgedTrack& track : from.tracks()) frame.people.push_back(TrackFromProto(track));
  if (from.frames() > 1) {
    const absl::Time begin = FromProto(from.from_time());
    const absl::Duration step = (frame.capture_time - begin) / (from.frames() - 1);
    for (uint32_t i = 0; i + 1 < from.frames(); ++i) {
      JudgedFrame earlier = frame;
      earlier.capture_time = begin + i * step;
      to.push_back(std::move(earlier));
      frame.first = false;
    }
  }
  frame.last = from.last();
  to.push_back(std::move(frame));
}

}  // namespace

v1::JudgedFrame JudgedToProto(const JudgedFrame& frame) {
  v1::JudgedFrame to;
  *to.mutable_capture_time() = ToProto(frame.capture_time);
  to.set_frame_width(static_cast<uint32_t>(frame.frame.width));
  to.set_frame_height(static_cast<uint32_t>(frame.frame.height));
  for (const JudgedPerson& person : frame.people) *to.add_tracks() = TrackToProto(person);
  for (const std::string& stage : frame.degraded) to.add_degraded(stage);
  to.set_first(frame.first);
  to.set_last(frame.last);
  return to;
}

absl::StatusOr<std::vector<JudgedFrame>> JudgedFramesFromProto(const v1::JudgedFrames& from) {
  uint64_t frames = 0;
  for (const v1::JudgedFrame& frame : from.frames()) {
    AW_RETURN_IF_ERROR(CheckJudged(frame));
    frames += std::max(1u, frame.frames());
  }
  if (frames > kMaxJudgedFrames) {
    return absl::InvalidArgumentError(
        absl::StrCat("one message may stand for ", kMaxJudgedFrames, " frames, not ", frames));
  }
  std::vector<JudgedFrame> to;
  to.reserve(frames);
  for (const v1::JudgedFrame& frame : from.frames()) AddFrames(frame, to);
  return to;
}

v1::RehearseRulesResponse OutcomesToProto(const std::vector<RuleOutcome>& outcomes,
                                          const v1::StreamIdentity& identity) {
  v1::RehearseRulesResponse to;
  for (const RuleOutcome& outcome : outcomes) {
    v1::RuleRehearsal& rule = *to.add_rules();
    rule.set_rule_id(outcome.rule_id);
    rule.set_incidents(outcome.incidents);
    for (const Incident& example : outcome.examples) {
      *rule.add_examples() = IncidentToProto(example, identity);
    }
  }
  return to;
}

}  // namespace aislewatch::fusion
