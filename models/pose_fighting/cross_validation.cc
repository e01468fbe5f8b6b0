#include "models/pose_fighting/cross_validation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/clip_training/metrics.h"
#include "models/ranking/figures_json.h"

namespace aislewatch::pose_fighting {
namespace {

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

std::optional<double> AucOf(const std::vector<ranking::ScoredItem>& items) {
  const auto metrics = ranking::Rank(items);
  return metrics.ok() ? std::optional(metrics->auc_roc) : std::nullopt;
}

JudgedWay::Intervals IntervalsOf(const std::vector<PosedClip>& clips,
                                 const std::vector<ClipScore>& scores) {
  const auto intervals = ranking::BootstrapIntervals(
      clips.size(), [&](absl::Span<const double> drawn) -> std::vector<std::optional<double>> {
        double right = 0;
        std::vector<ranking::ScoredItem> all, paired;
        for (size_t i = 0; i < clips.size(); ++i) {
          const ranking::ScoredItem item{scores[i].probability, clips[i].fight, drawn[i]};
          if ((item.score >= 0.5f) == item.positive) right += item.weight;
          all.push_back(item);
          if (IsPaired(clips[i])) paired.push_back(item);
        }
        return {right / static_cast<double>(clips.size()), AucOf(all), AucOf(paired)};
      });
  return {intervals[0], intervals[1], intervals[2]};
}

absl::StatusOr<JudgedWay> Measure(std::string name, const std::vector<PosedClip>& clips,
                                  const std::vector<int>& fold, int folds, const Learn& learn) {
  std::vector<double> accuracy, f1, auc;
  std::vector<ClipScore> score_of(clips.size());
  // Of all folds together, among the clips that are seen and that are paired.
  std::vector<float> scores_of[2];
  std::vector<bool> fights_of[2];
  for (int f = 0; f < folds; ++f) {
    std::vector<const PosedClip*> others;
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
  const JudgedWay::Intervals intervals = IntervalsOf(clips, score_of);
  return JudgedWay{std::move(name),
                   ranking::Summarize(accuracy),
                   ranking::Summarize(f1),
                   ranking::Summarize(auc),
                   ranking::AreaUnderRoc(scores_of[0], fights_of[0]),
                   ranking::AreaUnderRoc(scores_of[1], fights_of[1]),
                   std::move(score_of),
                   intervals};
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
  for (const auto& [name, learn] : WaysToJudge(clips)) {
    AW_ASSIGN_OR_RETURN(JudgedWay way, Measure(name, clips, result.fold, folds, learn));
    result.ways.push_back(std::move(way));
  }
  return result;
}

nlohmann::json CrossValidationToJson(const CrossValidation& result) {
  nlohmann::json ways = nlohmann::json::object();
  for (const JudgedWay& way : result.ways) {
    ways[way.name] = {
        {"accuracy", ranking::SpreadJson(way.accuracy)},
        {"f1", ranking::SpreadJson(way.f1)},
        {"auc_roc", ranking::SpreadJson(way.auc_roc)},
        {"auc_roc_of_seen", way.auc_of_seen},
        {"auc_roc_of_paired", way.auc_of_paired},
        {"bootstrap",
         {{"accuracy", ranking::IntervalJson(way.bootstrap.accuracy)},
          {"auc_roc", ranking::IntervalJson(way.bootstrap.auc_roc)},
          {"auc_roc_of_paired", ranking::IntervalJson(way.bootstrap.auc_of_paired)}}}};
  }
  return {{"clips", result.clips}, {"fights", result.fights}, {"folds", result.folds},
          {"seen", result.seen},   {"paired", result.paired}, {"ways", std::move(ways)}};
}

}  // namespace aislewatch::pose_fighting
