#include "cli/clips/anomaly_evaluation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_format.h"
#include "models/ranking/figures_json.h"

namespace aislewatch {
namespace {

constexpr float kNoScore = -1;

ClipWayFigures FiguresBy(ClipWay way, const std::vector<ScoredClip>& clips) {
  const auto auc = [&](absl::Span<const double> drawn) -> std::vector<std::optional<double>> {
    std::vector<ranking::ScoredItem> items = ItemsBy(way, clips);
    for (size_t i = 0; i < items.size(); ++i) items[i].weight = drawn[i];
    const auto metrics = ranking::Rank(std::move(items));
    return {metrics.ok() ? std::optional<double>(metrics->auc_roc) : std::nullopt};
  };
  ClipWayFigures figures;
  if (const auto metrics = ranking::Rank(ItemsBy(way, clips)); metrics.ok()) {
    figures.auc_roc = metrics->auc_roc;
    figures.average_precision = metrics->average_precision;
  }
  figures.bootstrap = ranking::BootstrapIntervals(clips.size(), auc)[0];
  return figures;
}

/// `sorted` is not empty.
double Quantile(const std::vector<float>& sorted, double part) {
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]);
}

nlohmann::json FiguresToJson(const FootageFigures& figures) {
  nlohmann::json json = {{"frames", figures.frames},
                         {"frames_with_people", figures.frames_with_people},
                         {"frames_with_score", figures.frames_with_score},
                         {"quantiles", nlohmann::json::object()},
                         {"share_above", nlohmann::json::object()}};
  if (figures.frames_with_score == 0) return json;
  for (size_t q = 0; q < figures.quantiles.size(); ++q) {
    json["quantiles"][absl::StrFormat("%.2f", FootageFigures::kQuantiles[q])] =
        figures.quantiles[q];
  }
  for (size_t h = 0; h < figures.share_above.size(); ++h) {
    json["share_above"][absl::StrFormat("%.2f", FootageFigures::kHigh[h])] = figures.share_above[h];
  }
  return json;
}

}  // namespace

bool IsPositive(const ScoredClip& clip) { return !clip_training::IsHarmless(clip.clip.actions); }

std::string NameOf(ClipWay way) {
  switch (way) {
    case ClipWay::kMean:
      return "mean";
    case ClipWay::kPeak:
      return "peak";
    case ClipWay::kFramesWithPeople:
      return "control_frames_with_people";
  }
  return "";
}

float ScoreBy(ClipWay way, const ScoredClip& clip) {
  switch (way) {
    case ClipWay::kMean:
      return clip.anomaly.mean.value_or(kNoScore);
    case ClipWay::kPeak:
      return clip.anomaly.peak ? clip.anomaly.peak->score : kNoScore;
    case ClipWay::kFramesWithPeople:
      return static_cast<float>(clip.anomaly.frames_with_people);
  }
  return kNoScore;
}

std::vector<ranking::ScoredItem> ItemsBy(ClipWay way, const std::vector<ScoredClip>& clips) {
  std::vector<ranking::ScoredItem> items;
  for (const ScoredClip& clip : clips) items.push_back({ScoreBy(way, clip), IsPositive(clip)});
  return items;
}

std::optional<LabelledEvaluation> EvaluateLabelled(const std::vector<ScoredClip>& clips) {
  const auto ranking = ranking::MakeRanking(ItemsBy(ClipWay::kMean, clips));
  if (!ranking.ok()) return std::nullopt;
  LabelledEvaluation evaluation;
  evaluation.positives = static_cast<int>(std::count_if(clips.begin(), clips.end(), &IsPositive));
  // Where raising everything is best, a clip in which nobody has a score is still not raised.
  evaluation.threshold = std::max(0.0, ranking::BestF1Threshold(*ranking));
  for (size_t w = 0; w < kClipWays.size(); ++w) {
    evaluation.ways[w] = FiguresBy(kClipWays[w], clips);
  }
  return evaluation;
}

FootageFigures MeasureFootage(const std::vector<ScoredClip>& clips) {
  FootageFigures figures;
  std::vector<float> scores;
  for (const ScoredClip& clip : clips) {
    figures.frames += clip.anomaly.frames;
    figures.frames_with_people += clip.anomaly.frames_with_people;
    scores.insert(scores.end(), clip.anomaly.scores.begin(), clip.anomaly.scores.end());
  }
  figures.frames_with_score = static_cast<int>(scores.size());
  if (scores.empty()) return figures;
  std::sort(scores.begin(), scores.end());
  for (size_t q = 0; q < figures.quantiles.size(); ++q) {
    figures.quantiles[q] = Quantile(scores, FootageFigures::kQuantiles[q]);
  }
  for (size_t h = 0; h < figures.share_above.size(); ++h) {
    const auto above =
        scores.end() - std::upper_bound(scores.begin(), scores.end(),
                                        static_cast<float>(FootageFigures::kHigh[h]));
    figures.share_above[h] = static_cast<double>(above) / static_cast<double>(scores.size());
  }
  return figures;
}

nlohmann::json LabelledToJson(const LabelledEvaluation& evaluation) {
  nlohmann::json json = {{"labelled", true}, {"positives", evaluation.positives}};
  for (size_t w = 0; w < kClipWays.size(); ++w) {
    const ClipWayFigures& figures = evaluation.ways[w];
    json[NameOf(kClipWays[w])] = {{"auc_roc", figures.auc_roc},
                                  {"average_precision", figures.average_precision},
                                  {"bootstrap", ranking::IntervalJson(figures.bootstrap)}};
  }
  json["best_f1_threshold_of_mean"] = evaluation.threshold;
  return json;
}

nlohmann::json FootageToJson(const std::vector<ScoredClip>& clips) {
  nlohmann::json json = FiguresToJson(MeasureFootage(clips));
  json["labelled"] = false;
  json["by_clip"] = nlohmann::json::array();
  for (const ScoredClip& clip : clips) {
    nlohmann::json one = FiguresToJson(MeasureFootage({clip}));
    one["clip"] = clip.clip.path;
    json["by_clip"].push_back(std::move(one));
  }
  return json;
}

}  // namespace aislewatch
