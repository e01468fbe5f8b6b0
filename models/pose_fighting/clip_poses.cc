#include "models/pose_fighting/clip_poses.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "models/pose_fighting/pair_follower.h"

namespace aislewatch::pose_fighting {
namespace {

constexpr absl::Duration kAveraged = absl::Milliseconds(500);

std::vector<PersonPose> PosesOf(const std::vector<clip_training::FoundPerson>& people) {
  std::vector<PersonPose> poses;
  for (const clip_training::FoundPerson& person : people) {
    poses.push_back({person.track_id, person.keypoints});
  }
  return poses;
}

// Adds up what kControls are means of.
class ControlSums {
 public:
  void Add(const FrameSize& size, absl::Span<const PersonPose> people) {
    ++frames_;
    std::vector<Body> bodies;
    for (const PersonPose& person : people) {
      ++people_;
      for (const Keypoint& joint : person.pose) confidence_ += joint.confidence / kJointCount;
      if (const auto body = MeasureBody(person.pose, size)) bodies.push_back(*body);
    }
    float nearest = std::numeric_limits<float>::max();
    for (size_t i = 0; i < bodies.size(); ++i) {
      trunks_ += bodies[i].trunk;
      for (size_t j = 0; j < i; ++j) {
        nearest = std::min(nearest, Distance(bodies[i].middle, bodies[j].middle) /
                                        (bodies[i].trunk + bodies[j].trunk) * 2);
      }
    }
    bodies_ += static_cast<double>(bodies.size());
    if (bodies.size() < 2) return;
    nearest_ += nearest;
    ++with_two_;
  }

  std::vector<float> Means() const {
    const auto mean = [](double sum, double count) {
      return count > 0 ? static_cast<float>(sum / count) : std::numeric_limits<float>::quiet_NaN();
    };
    return {mean(people_, frames_), mean(nearest_, with_two_), std::log(mean(trunks_, bodies_)),
            mean(confidence_, people_), static_cast<float>(frames_)};
  }

 private:
  double frames_ = 0, people_ = 0, confidence_ = 0, bodies_ = 0, trunks_ = 0;
  double with_two_ = 0, nearest_ = 0;
};

}  // namespace

PosedClip FollowClip(const clip_training::ClipFile& clip, absl::Span<const CapturedFrame> frames,
                     const clip_training::PeopleByFrame& people) {
  PosedClip posed;
  posed.path = clip.path;
  posed.fight = !clip_training::IsHarmless(clip.actions);
  PairFollower follower;
  ControlSums controls;
  for (size_t f = 0; f < frames.size(); ++f) {
    if (frames[f].capture_time - frames[0].capture_time >= kLooksAt) break;
    const std::vector<PersonPose> poses = PosesOf(people[f]);
    const FrameSize size{frames[f].image.cols, frames[f].image.rows};
    controls.Add(size, poses);
    const absl::Time time = frames[f].capture_time;
    const FramePairs found = follower.Push({time, size, poses});
    for (const Encounter& encounter : found.encounters) {
      posed.pairs.push_back({time, encounter.values});
    }
    for (size_t i = 0; i < found.company.size(); ++i) {
      if (found.company[i] == Company::kAlone || found.company[i] == Company::kMerged) {
        posed.lone.push_back({time, found.one_of_two[i]});
      }
    }
  }
  posed.controls = controls.Means();
  return posed;
}

absl::StatusOr<Logistic> FitFighting(absl::Span<const PosedClip* const> clips) {
  std::vector<Example> examples;
  for (size_t c = 0; c < clips.size(); ++c) {
    for (const ClipMoment& moment : clips[c]->pairs) {
      examples.push_back({{moment.values.begin(), moment.values.end()}, clips[c]->fight, c});
    }
  }
  std::vector<int> signs;
  for (const PairFeature& feature : kPairFeatures) signs.push_back(feature.sign);
  return FitLogistic(examples, signs);
}

Peak PeakOf(const Logistic& model, absl::Span<const ClipMoment> moments) {
  std::map<absl::Time, float> by_time;
  for (const ClipMoment& moment : moments) {
    const float p = 1 / (1 + std::exp(-model.LogOdds(moment.values)));
    const auto [it, is_new] = by_time.try_emplace(moment.time, p);
    if (!is_new) it->second = std::max(it->second, p);
  }
  Peak peak;
  for (auto now = by_time.begin(); now != by_time.end(); ++now) {
    float sum = 0;
    int count = 0;
    for (auto m = std::make_reverse_iterator(std::next(now));
         m != by_time.rend() && now->first - m->first < kAveraged; ++m) {
      sum += m->second;
      ++count;
    }
    const float mean = sum / static_cast<float>(count);
    if (!peak.at || mean > peak.probability) peak = {mean, now->first};
  }
  return peak;
}

}  // namespace aislewatch::pose_fighting
