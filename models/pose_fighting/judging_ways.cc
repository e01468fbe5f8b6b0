#include "models/pose_fighting/judging_ways.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/picture_movement/movement_scores.h"

namespace aislewatch::pose_fighting {
namespace {

using Clips = std::vector<const PosedClip*>;

// By poses; `lone` too, or pairs alone.
Learn ByPoses(bool lone) {
  return [lone](const Clips& clips) -> absl::StatusOr<Judge> {
    AW_ASSIGN_OR_RETURN(const Logistic model, FitFighting(clips));
    return [lone, model](const PosedClip& clip) {
      const Peak pairs = PeakOf(model, clip.pairs);
      const Peak alone = lone ? PeakOf(model, clip.lone) : Peak();
      const Peak& peak = alone.probability > pairs.probability ? alone : pairs;
      return ClipScore(peak.probability, peak.at);
    };
  };
}

float LogOdds(float probability) {
  const float p = std::clamp(probability, 0.01f, 0.99f);
  return std::log(p / (1 - p));
}

float Probability(float log_odds) { return 1 / (1 + std::exp(-log_odds)); }

// By those of a clip's numbers that are chosen; `sign` as FitLogistic's.
Learn ByNumbers(std::vector<float> PosedClip::*numbers, const std::vector<size_t>& chosen,
                int sign) {
  return [numbers, chosen, sign](const Clips& clips) -> absl::StatusOr<Judge> {
    const auto values = [numbers, chosen](const PosedClip& clip) {
      std::vector<float> picked;
      for (const size_t c : chosen) picked.push_back((clip.*numbers)[c]);
      return picked;
    };
    std::vector<Example> examples;
    for (size_t c = 0; c < clips.size(); ++c) {
      examples.push_back({values(*clips[c]), clips[c]->fight, c});
    }
    AW_ASSIGN_OR_RETURN(const Logistic model,
                        FitLogistic(examples, std::vector<int>(chosen.size(), sign)));
    return
        [model, values](const PosedClip& clip) { return Probability(model.LogOdds(values(clip))); };
  };
}

// The mean of both log-odds, and the movement alone where poses have nobody to judge by.
Learn ByPosesAnd(const Learn& movement) {
  return [movement](const Clips& clips) -> absl::StatusOr<Judge> {
    AW_ASSIGN_OR_RETURN(const Judge by_poses, ByPoses(/*lone=*/true)(clips));
    AW_ASSIGN_OR_RETURN(const Judge by_movement, movement(clips));
    return [by_poses, by_movement](const PosedClip& clip) {
      const float moved = by_movement(clip).probability;
      if (!IsSeen(clip)) return ClipScore(moved);
      const ClipScore posed = by_poses(clip);
      return ClipScore(Probability((LogOdds(posed.probability) + LogOdds(moved)) / 2), posed.at);
    };
  };
}

// In the order of kClipMeasures: what fights have more of, then the camera, which is a control.
void AddMovement(Ways& ways) {
  constexpr size_t kCamera = picture_movement::kClipMeasures.size() - 1;
  const auto by = [](const std::vector<size_t>& chosen, int sign) {
    return ByNumbers(&PosedClip::movement, chosen, sign);
  };
  for (size_t m = 0; m < kCamera; ++m) {
    ways.emplace_back(absl::StrCat("movement: ", picture_movement::kClipMeasures[m]), by({m}, 1));
  }
  ways.emplace_back("movement: both disorders", by({0, 1}, 1));
  ways.emplace_back("poses and both disorders", ByPosesAnd(by({0, 1}, 1)));
  ways.emplace_back("control: camera", by({kCamera}, 0));
}

}  // namespace

Ways WaysToJudge(const std::vector<PosedClip>& clips) {
  Ways ways = {{"poses", ByPoses(/*lone=*/true)}, {"pairs", ByPoses(/*lone=*/false)}};
  std::vector<size_t> all;
  for (size_t c = 0; c < kControls.size(); ++c) {
    all.push_back(c);
    ways.emplace_back(absl::StrCat("control: ", kControls[c]),
                      ByNumbers(&PosedClip::controls, {c}, 0));
  }
  ways.emplace_back("control: all of them", ByNumbers(&PosedClip::controls, all, 0));
  if (std::none_of(clips.begin(), clips.end(),
                   [](const PosedClip& clip) { return clip.movement.empty(); })) {
    AddMovement(ways);
  }
  return ways;
}

}  // namespace aislewatch::pose_fighting
