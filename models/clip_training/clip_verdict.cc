#include "models/clip_training/clip_verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/types/span.h"
#include "models/ranking/figures_json.h"

namespace aislewatch::clip_training {
namespace {

constexpr char kNormalFolder[] = "normal";
constexpr float kDecision = 0.5f;

using Drawn = absl::Span<const double>;

/// Index of the judged class.
size_t Judge(const std::vector<float>& peaks, const std::vector<std::string>& classes) {
  size_t best = classes.size();
  size_t normal = classes.size();
  for (size_t c = 0; c < classes.size(); ++c) {
    if (!IsAlarming(classes[c])) {
      normal = c;
    } else if (best == classes.size() || peaks[c] > peaks[best]) {
      best = c;
    }
  }
  if (best == classes.size()) return normal;
  return peaks[best] >= kDecision || normal == classes.size() ? best : normal;
}

/// Peaks of one class as a ranking of clips, each clip as often as it was drawn.
absl::StatusOr<ranking::Ranking> RankClips(const std::vector<ClipOutcome>& outcomes,
                                           size_t of_class, Drawn drawn) {
  std::vector<ranking::ScoredItem> items;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    items.push_back({outcomes[i].peaks[of_class], outcomes[i].truth == of_class, drawn[i]});
  }
  return ranking::MakeRanking(std::move(items));
}

Confusion Count(const std::vector<ClipOutcome>& outcomes, size_t classes, Drawn drawn) {
  Confusion confusion(classes, std::vector<int>(classes, 0));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    confusion[outcomes[i].truth][outcomes[i].judged] += static_cast<int>(drawn[i]);
  }
  return confusion;
}

ClassFigures FiguresOf(const std::vector<ClipOutcome>& outcomes, const Confusion& confusion,
                       size_t of_class) {
  ClassFigures figures;
  int judged = 0;
  for (size_t c = 0; c < confusion.size(); ++c) {
    figures.clips += confusion[of_class][c];
    judged += confusion[c][of_class];
  }
  const double hits = confusion[of_class][of_class];
  if (judged > 0) figures.precision = hits / judged;
  if (figures.clips > 0) figures.recall = hits / figures.clips;
  figures.f1 = F1(confusion, of_class);
  const auto ranking = RankClips(outcomes, of_class, std::vector<double>(outcomes.size(), 1));
  if (ranking.ok()) {
    const ranking::RankingMetrics metrics = ranking::MetricsOf(*ranking);
    figures.auc_roc = metrics.auc_roc;
    figures.average_precision = metrics.average_precision;
  }
  return figures;
}

/// Intervals of the means over `counted` classes.
EvaluationIntervals Bootstrap(const std::vector<ClipOutcome>& outcomes, size_t classes,
                              const std::vector<size_t>& counted) {
  const auto figures = [&](Drawn drawn) -> std::vector<std::optional<double>> {
    const Confusion confusion = Count(outcomes, classes, drawn);
    if (counted.empty()) return {Accuracy(confusion), std::nullopt, std::nullopt};
    double f1 = 0, auc = 0;
    bool ranked = true;
    for (const size_t c : counted) {
      f1 += F1(confusion, c) / static_cast<double>(counted.size());
      const auto ranking = RankClips(outcomes, c, drawn);
      ranked = ranked && ranking.ok();
      if (ranking.ok()) {
        auc += ranking::MetricsOf(*ranking).auc_roc / static_cast<double>(counted.size());
      }
    }
    return {Accuracy(confusion), f1, ranked ? std::optional(auc) : std::nullopt};
  };
  const auto intervals = ranking::BootstrapIntervals(outcomes.size(), figures);
  if (intervals.empty()) return {};
  return {intervals[0], intervals[1], intervals[2]};
}

std::optional<ShopliftingFigures> Shoplifting(const std::vector<JudgedClip>& clips) {
  constexpr size_t kOther = 0, kShoplifting = 1;
  std::vector<ClipOutcome> outcomes;
  for (const JudgedClip& judged : clips) {
    const ActionSet coarse = Coarse(judged.clip.actions, ConcealingActions());
    if (coarse.all()) continue;  // its label leaves open whether it does
    const float peak = judged.verdict.Peak(ConcealingActions());
    outcomes.push_back({coarse == ConcealingActions() ? kShoplifting : kOther,
                        peak >= kDecision ? kShoplifting : kOther,
                        {1 - peak, peak}});
  }
  const Confusion confusion = Count(outcomes, 2, std::vector<double>(outcomes.size(), 1));
  ShopliftingFigures result;
  result.figures = FiguresOf(outcomes, confusion, kShoplifting);
  result.other_clips = static_cast<int>(outcomes.size()) - result.figures.clips;
  if (result.figures.clips == 0 || result.other_clips == 0) return std::nullopt;
  result.accuracy = Accuracy(confusion);
  result.bootstrap = Bootstrap(outcomes, 2, {kShoplifting});
  return result;
}

nlohmann::json OrNull(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json ToJson(const EvaluationIntervals& intervals) {
  return {{"accuracy", ranking::IntervalJson(intervals.accuracy)},
          {"f1", ranking::IntervalJson(intervals.f1)},
          {"auc_roc", ranking::IntervalJson(intervals.auc_roc)}};
}

nlohmann::json ToJson(const ClassFigures& figures) {
  return {{"clips", figures.clips},
          {"precision", OrNull(figures.precision)},
          {"recall", OrNull(figures.recall)},
          {"f1", figures.f1},
          {"auc_roc", OrNull(figures.auc_roc)},
          {"average_precision", OrNull(figures.average_precision)}};
}

nlohmann::json ToJson(const ShopliftingFigures& shoplifting) {
  nlohmann::json json = ToJson(shoplifting.figures);
  json["other_clips"] = shoplifting.other_clips;
  json["accuracy"] = shoplifting.accuracy;
  json["bootstrap"] = ToJson(shoplifting.bootstrap);
  return json;
}

}  // namespace

bool IsAlarming(const std::string& folder) { return folder != kNormalFolder; }

float Moment::Of(const ActionSet& actions) const {
  float sum = 0;
  for (int a = 0; a < kActionCount; ++a) {
    if (actions[a]) sum += probability[a];
  }
  return sum;
}

void ClipVerdict::Push(uint64_t track_id, const ActionScores& scores, size_t frame) {
  std::deque<ActionScores>& recent = recent_[track_id];
  recent.push_back(scores);
  if (recent.size() > kAveraged) recent.pop_front();
  // A track's first crops show too little of it to count.
  if (recent.size() < kAveraged) return;
  Moment moment{{}, track_id, frame};
  for (const ActionScores& one : recent) {
    for (int a = 0; a < kActionCount; ++a) {
      moment.probability[a] += one.probability[a] / static_cast<float>(kAveraged);
    }
  }
  moments_.push_back(moment);
}

float ClipVerdict::Peak(const ActionSet& actions) const {
  const std::optional<Moment> moment = PeakMoment(actions);
  return moment ? moment->Of(actions) : 0;
}

std::optional<Moment> ClipVerdict::PeakMoment(const ActionSet& actions) const {
  const auto highest = std::max_element(
      moments_.begin(), moments_.end(),
      [&](const Moment& a, const Moment& b) { return a.Of(actions) < b.Of(actions); });
  return highest == moments_.end() ? std::nullopt : std::optional(*highest);
}

Evaluation Evaluate(const std::vector<JudgedClip>& clips) {
  std::map<std::string, ActionSet> sets;
  for (const JudgedClip& judged : clips) sets[judged.clip.folder] = judged.clip.actions;
  Evaluation result;
  result.clips = static_cast<int>(clips.size());
  for (const auto& [folder, set] : sets) result.classes.push_back(folder);
  for (const JudgedClip& judged : clips) {
    result.clips_without_people += judged.verdict.saw_nobody() ? 1 : 0;
    ClipOutcome outcome;
    for (const std::string& folder : result.classes) {
      outcome.peaks.push_back(judged.verdict.Peak(sets[folder]));
    }
    const auto at = std::find(result.classes.begin(), result.classes.end(), judged.clip.folder);
    outcome.truth = static_cast<size_t>(at - result.classes.begin());
    outcome.judged = Judge(outcome.peaks, result.classes);
    result.outcomes.push_back(std::move(outcome));
  }
  const size_t count = result.classes.size();
  result.confusion = Count(result.outcomes, count, std::vector<double>(clips.size(), 1));
  result.accuracy = Accuracy(result.confusion);
  std::vector<size_t> alarming;
  for (size_t c = 0; c < count; ++c) {
    result.by_class.push_back(FiguresOf(result.outcomes, result.confusion, c));
    if (IsAlarming(result.classes[c])) alarming.push_back(c);
  }
  for (const size_t c : alarming) {
    result.f1 += result.by_class[c].f1 / static_cast<double>(alarming.size());
    // 0.5 where nothing was measured.
    result.auc_roc +=
        result.by_class[c].auc_roc.value_or(0.5) / static_cast<double>(alarming.size());
  }
  result.bootstrap = Bootstrap(result.outcomes, count, alarming);
  result.shoplifting = Shoplifting(clips);
  return result;
}

nlohmann::json EvaluationToJson(const Evaluation& evaluation) {
  nlohmann::json by_class = nlohmann::json::array();
  for (size_t c = 0; c < evaluation.classes.size(); ++c) {
    by_class.push_back(ToJson(evaluation.by_class[c]));
    by_class.back()["class"] = evaluation.classes[c];
  }
  return {{"clips", evaluation.clips},
          {"clips_without_people", evaluation.clips_without_people},
          {"accuracy", evaluation.accuracy},
          {"f1", evaluation.f1},
          {"auc_roc", evaluation.auc_roc},
          {"bootstrap", ToJson(evaluation.bootstrap)},
          {"classes", evaluation.classes},
          {"confusion", evaluation.confusion},
          {"by_class", std::move(by_class)},
          {"shoplifting",
           evaluation.shoplifting ? ToJson(*evaluation.shoplifting) : nlohmann::json(nullptr)}};
}

}  // namespace aislewatch::clip_training
