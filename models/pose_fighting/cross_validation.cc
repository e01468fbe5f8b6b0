#include "models/pose_fighting/cross_validation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/clip_training/metrics.h"
#include "models/picture_movement/movement_scores.h"

namespace aislewatch::pose_fighting {
namespace {

using Clips = std::vector<const PosedClip*>;

// From clips to learn from and a clip to judge to the probability of a fight.
using Judge = std::function<ClipScore(const PosedClip&)>;
using Learn = std::function<absl::StatusOr<Judge>(const Clips&)>;

bool IsPaired(const PosedClip& clip) { return !clip.pairs.empty(); }
bool IsSeen(const PosedClip& clip) { return IsPaired(clip) || !clip.lone.empty(); }

std::vector<int> Blocks(const std::vector<PosedClip>& clips, int folds) {
  const auto fights =
      std::count_if(clips.begin(), clips.end(), [](const PosedClip& clip) { return clip.fight; });
  const std::ptrdiff_t total[2] = {static_cast<std::ptrdiff_t>(clips.size()) - fights, fights};
  std::ptrdiff_t seen[2] = {0, 0};
  std::vector<int> fold;
  for (const PosedClip& clip : clips) {
    fold.push_back(static_cast<int>(seen[clip.fight]++ * folds / total[clip.fight]));
  }
  return fold;
}

absl::StatusOr<JudgedWay> Measure(std::string name, const std::vector<PosedClip>& clips,
                                  const std::vector<int>& fold, int folds, const Learn& learn) {
  std::vector<double> accuracy, f1, auc;
  std::vector<ClipScore> score_of(clips.size());
  // Of all folds together, among the clips that are seen and that are paired.
  std::vector<float> scores_of[2];
  std::vector<bool> fights_of[2];
  for (int f = 0; f < folds; ++f) {
    Clips others;
    for (size_t i = 0; i < clips.size(); ++i) {
      if (fold[i] != f) others.push_back(&clips[i]);
    }
    const absl::StatusOr<Judge> judge = learn(others);
    if (!judge.ok()) return Annotate(judge.status(), name);
    clip_training::Confusion confusion(2, std::vector<int>(2, 0));
    std::vector<float> scores;
    std::vector<bool> fights;
    for (size_t i = 0; i < clips.size(); ++i) {
      if (fold[i] != f) continue;
      score_of[i] = (*judge)(clips[i]);
      const float p = score_of[i].probability;
      scores.push_back(p);
      fights.push_back(clips[i].fight);
      ++confusion[clips[i].fight][p >= 0.5f];
      const bool belongs[2] = {IsSeen(clips[i]), IsPaired(clips[i])};
      for (int s = 0; s < 2; ++s) {
        if (!belongs[s]) continue;
        scores_of[s].push_back(p);
        fights_of[s].push_back(clips[i].fight);
      }
    }
    accuracy.push_back(clip_training::Accuracy(confusion));
    f1.push_back(clip_training::F1(confusion, 1));
    auc.push_back(ranking::AreaUnderRoc(scores, fights));
  }
  return JudgedWay{std::move(name),
                   ranking::Summarize(accuracy),
                   ranking::Summarize(f1),
                   ranking::Summarize(auc),
                   ranking::AreaUnderRoc(scores_of[0], fights_of[0]),
                   ranking::AreaUnderRoc(scores_of[1], fights_of[1]),
                   std::move(score_of)};
}

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

using Ways = std::vector<std::pair<std::string, Learn>>;

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

nlohmann::json ToJson(const ranking::MeanAndDeviation& spread) {
  return {{"mean", spread.mean}, {"deviation", spread.deviation}};
}

}  // namespace

absl::StatusOr<CrossValidation> CrossValidate(const std::vector<PosedClip>& clips, int folds) {
  CrossValidation result;
  result.clips = static_cast<int>(clips.size());
  result.fights = static_cast<int>(
      std::count_if(clips.begin(), clips.end(), [](const PosedClip& clip) { return clip.fight; }));
  result.folds = folds;
  result.seen = static_cast<int>(std::count_if(clips.begin(), clips.end(), IsSeen));
  result.paired = static_cast<int>(std::count_if(clips.begin(), clips.end(), IsPaired));
  if (folds < 2 || result.fights < folds || result.clips - result.fights < folds) {
    return absl::InvalidArgumentError(
        absl::StrCat("cross-validation needs at least 2 folds and a clip of both kinds for each; ",
                     "there are ", result.fights, " fights, ", result.clips - result.fights,
                     " other clips and ", folds, " folds"));
  }
  result.fold = Blocks(clips, folds);
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
  for (const auto& [name, learn] : ways) {
    AW_ASSIGN_OR_RETURN(JudgedWay way, Measure(name, clips, result.fold, folds, learn));
    result.ways.push_back(std::move(way));
  }
  return result;
}

nlohmann::json CrossValidationToJson(const CrossValidation& result) {
  nlohmann::json ways = nlohmann::json::object();
  for (const JudgedWay& way : result.ways) {
    ways[way.name] = {{"accuracy", ToJson(way.accuracy)},
                      {"f1", ToJson(way.f1)},
                      {"auc_roc", ToJson(way.auc_roc)},
                      {"auc_roc_of_seen", way.auc_of_seen},
                      {"auc_roc_of_paired", way.auc_of_paired}};
  }
  return {{"clips", result.clips}, {"fights", result.fights}, {"folds", result.folds},
          {"seen", result.seen},   {"paired", result.paired}, {"ways", std::move(ways)}};
}

}  // namespace aislewatch::pose_fighting
