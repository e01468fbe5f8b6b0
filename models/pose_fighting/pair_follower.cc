#include "models/pose_fighting/pair_follower.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::pose_fighting {
namespace {

// Somebody with a place in the frame and a measured body.
struct Standing {
  size_t index = 0;
  uint64_t track_id = 0;
  float x = 0;
};

}  // namespace

FramePairs PairFollower::Push(const PosedFrame& frame) {
  FramePairs result;
  result.company.assign(frame.people.size(), Company::kAlone);
  result.one_of_two.resize(frame.people.size());
  Forget(frame.time);

  std::vector<Standing> standing;
  bool all_measured = true;
  for (size_t i = 0; i < frame.people.size(); ++i) {
    const PersonPose& person = frame.people[i];
    const std::optional<Body> body = MeasureBody(person.pose, frame.frame);
    if (!body) {
      result.company[i] = Company::kUnknown;
      all_measured = false;
      continue;
    }
    people_[person.track_id].motion.Push(frame.time, *body);
    standing.push_back({i, person.track_id, body->middle.x});
  }
  std::sort(standing.begin(), standing.end(),
            [](const Standing& a, const Standing& b) { return a.x < b.x; });

  for (size_t s = 0; s < standing.size(); ++s) {
    for (size_t t = s + 1; t < std::min(standing.size(), s + 1 + kNeighbours); ++t) {
      const Standing &a = standing[s], &b = standing[t];
      Person &one = people_.at(a.track_id), &other = people_.at(b.track_id);
      const PairMoment at = MeasurePair(one.motion, other.motion);
      if (at.distance > kReach || at.depth > kMostDepth) continue;
      std::deque<Moment>& moments = pairs_[std::minmax(a.track_id, b.track_id)];
      moments.push_back({frame.time, at});
      one.last_beside = other.last_beside = frame.time;
      one.partner = b.track_id;
      other.partner = a.track_id;
      const std::optional<PairMoment> mean = Mean(moments);
      for (const size_t i : {a.index, b.index}) {
        Company& company = result.company[i];
        if (mean) {
          company = Company::kBeside;
        } else if (company != Company::kBeside) {
          company = Company::kUnknown;
        }
      }
      if (!mean) continue;
      result.encounters.push_back({a.index, b.index, ValuesOf(one.motion, other.motion, *mean)});
    }
  }

  for (const Standing& one : standing) {
    Company& company = result.company[one.index];
    if (company != Company::kAlone) continue;
    const Person& person = people_.at(one.track_id);
    // Who cannot be measured may be the one beside them.
    if (!person.motion.known() || !all_measured) {
      company = Company::kUnknown;
      continue;
    }
    const auto partner = people_.find(person.partner);
    const bool lately = frame.time - person.last_beside < kRemember;
    const bool vanished =
        partner == people_.end() || partner->second.motion.last_seen() < frame.time;
    if (lately && vanished) company = Company::kMerged;
    result.one_of_two[one.index] = ValuesOfOneOfTwo(person.motion);
  }
  return result;
}

std::optional<PairMoment> PairFollower::Mean(const std::deque<Moment>& moments) {
  if (moments.size() < BodyMotion::kLeastFrames ||
      moments.back().time - moments.front().time < BodyMotion::kLeastSeen) {
    return std::nullopt;
  }
  PairMoment mean;
  const auto count = static_cast<float>(moments.size());
  for (const Moment& moment : moments) {
    mean.turned += moment.at.turned / count;
    mean.reach += moment.at.reach / count;
    mean.distance += moment.at.distance / count;
    mean.depth += moment.at.depth / count;
  }
  return mean;
}

void PairFollower::Forget(absl::Time now) {
  std::erase_if(people_, [&](const auto& entry) {
    return now - entry.second.motion.last_seen() >= kRemember;
  });
  for (auto it = pairs_.begin(); it != pairs_.end();) {
    std::deque<Moment>& moments = it->second;
    while (!moments.empty() && now - moments.front().time >= BodyMotion::kWindow) {
      moments.pop_front();
    }
    it = moments.empty() ? pairs_.erase(it) : std::next(it);
  }
}

}  // namespace aislewatch::pose_fighting
