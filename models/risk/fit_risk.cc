#include "models/risk/fit_risk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "models/ranking/ranking_metrics.h"

namespace aislewatch::risk_training {
namespace {

constexpr int kRounds = 20;
constexpr int kSteps = 2000;

// Every weight's units in one moment, in the order of NamedRiskWeights().
constexpr size_t kWeights = 16;
using Units = std::array<double, kWeights>;

double Logit(double p) { return std::log(p / (1 - p)); }

size_t IndexOf(double RiskWeights::*weight) {
  const auto names = NamedRiskWeights();
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].weight == weight) return i;
  }
  return 0;  // Not reached: every term's weight has a name.
}

Units UnitsOf(const RiskInputs& inputs, RiskKind kind, const RiskWeights& weights) {
  Units units{};
  const std::vector<RiskTerm> terms = kind == RiskKind::kConcealment
                                          ? ConcealmentTerms(inputs, weights)
                                          : FightTerms(inputs, weights);
  for (const RiskTerm& term : terms) units[IndexOf(term.weight)] += term.units;
  return units;
}

double LogOdds(const Units& units, const RiskWeights& weights) {
  double sum = 0;
  const auto names = NamedRiskWeights();
  for (size_t i = 0; i < kWeights; ++i) sum += weights.*names[i].weight * units[i];
  return sum;
}

// What would have raised the alarm: the log-odds, and the mean of the frames that reach them.
struct Peak {
  double log_odds = 0;
  Units units{};
};

// Frames of a window that have to agree, at the track's own rate.
size_t Needed(const TrackMoments& track, const FitOptions& options) {
  std::vector<double> gaps;
  for (size_t i = 1; i < track.size(); ++i) {
    gaps.push_back(absl::ToDoubleSeconds(track[i].time - track[i - 1].time));
  }
  if (gaps.empty()) return static_cast<size_t>(options.min_frames);
  std::nth_element(gaps.begin(), gaps.begin() + static_cast<ptrdiff_t>(gaps.size() / 2),
                   gaps.end());
  const double gap = std::max(gaps[gaps.size() / 2], 1e-3);
  const double needed = options.share * absl::ToDoubleSeconds(options.window) / gap;
  return static_cast<size_t>(std::max<double>(options.min_frames, std::ceil(needed - 1e-6)));
}

std::optional<Peak> PeakOfTrack(const TrackMoments& track, RiskKind kind,
                                const RiskWeights& weights, const FitOptions& options) {
  const size_t needed = Needed(track, options);
  std::vector<std::pair<double, Units>> frames;
  for (const Moment& moment : track) {
    const Units units = UnitsOf(moment.inputs, kind, weights);
    frames.emplace_back(LogOdds(units, weights), units);
  }
  std::optional<Peak> best;
  size_t from = 0;
  std::vector<size_t> order;
  for (size_t to = 0; to < frames.size(); ++to) {
    while (track[to].time - track[from].time >= options.window) ++from;
    if (to + 1 - from < needed) continue;
    order.clear();
    for (size_t i = from; i <= to; ++i) order.push_back(i);
    std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(needed), order.end(),
                      [&](size_t a, size_t b) { return frames[a].first > frames[b].first; });
    const double reached = frames[order[needed - 1]].first;
    if (best && reached <= best->log_odds) continue;
    best = Peak{reached, {}};
    for (size_t i = 0; i < needed; ++i) {
      for (size_t w = 0; w < kWeights; ++w) {
        best->units[w] += frames[order[i]].second[w] / static_cast<double>(needed);
      }
    }
  }
  return best;
}

std::optional<Peak> PeakOf(const Episode& episode, RiskKind kind, const RiskWeights& weights,
                           const FitOptions& options) {
  std::optional<Peak> best;
  for (const TrackMoments& track : episode.tracks) {
    const std::optional<Peak> peak = PeakOfTrack(track, kind, weights, options);
    if (peak && (!best || peak->log_odds > best->log_odds)) best = peak;
  }
  return best;
}

std::optional<bool> LabelOf(const Episode& episode, RiskKind kind) {
  return kind == RiskKind::kConcealment ? episode.conceals : episode.fights;
}

// An episode that says something of a kind.
struct Example {
  const Episode* episode;
  bool positive;
  double weight = 0;
};

// Those of sources that have both sorts. Of a source, both sorts weigh as much as its rarer one has
// episodes: a thousand uneventful visits know no more of an act than the few acts do.
std::vector<Example> ExamplesOf(const std::vector<Episode>& episodes, RiskKind kind) {
  std::map<std::string, std::array<double, 2>> counts;
  for (const Episode& episode : episodes) {
    if (const auto label = LabelOf(episode, kind)) ++counts[episode.source][*label];
  }
  std::vector<Example> examples;
  for (const Episode& episode : episodes) {
    const auto label = LabelOf(episode, kind);
    if (!label) continue;
    const auto& [negatives, positives] = counts[episode.source];
    const double rarer = std::min(negatives, positives);
    if (rarer > 0) examples.push_back({&episode, *label, rarer / (*label ? positives : negatives)});
  }
  return examples;
}

double RiskWeights::*BiasOf(RiskKind kind) {
  return kind == RiskKind::kConcealment ? &RiskWeights::bias : &RiskWeights::fight_bias;
}

bool Concerns(RiskKind kind, size_t weight) {
  const absl::string_view name = NamedRiskWeights()[weight].name;
  // The odds before anything is known are not the footage's, in which acts are far more frequent
  // than in a shop.
  if (name == "bias" || name == "fight_bias") return false;
  const bool fight = name == "pose_fighting" || name.substr(0, 13) == "clip_fighting" ||
                     name.substr(0, 6) == "fight_";
  return fight == (kind == RiskKind::kFight);
}

// Scores may only speak for what they are scores of, and being alone only against a fight: a weight
// of the other sign would be an accident of the footage.
int SignOf(size_t weight) {
  const absl::string_view name = NamedRiskWeights()[weight].name;
  if (name == "clip_shoplifting" || name == "clip_fighting" || name == "pose_anomaly" ||
      name == "fight_pose_anomaly" || name == "pose_fighting") {
    return 1;
  }
  return name == "fight_alone" ? -1 : 0;
}

// The highest log-odds that fusion can reach without the classifier.
double MostWithoutClassifier(RiskKind kind, const RiskWeights& weights) {
  RiskInputs inputs;
  inputs.pose_anomaly = 1;
  inputs.pair = FightingEvidence{1, false};
  if (kind == RiskKind::kFight) return LogOdds(UnitsOf(inputs, kind, weights), weights);
  double most = -std::numeric_limits<double>::infinity();
  for (size_t zone = 0; zone < kZoneKindNames.size(); ++zone) {
    for (const absl::Duration dwell : {absl::ZeroDuration(), absl::InfiniteDuration()}) {
      inputs.zones = {static_cast<ZoneKind>(zone)};
      inputs.dwell = dwell;
      most = std::max(most, LogOdds(UnitsOf(inputs, kind, weights), weights));
    }
  }
  return most;
}

constexpr double RiskWeights::*kWithoutClassifier[] = {
    &RiskWeights::pose_anomaly, &RiskWeights::zone_shelf,         &RiskWeights::zone_checkout,
    &RiskWeights::zone_exit,    &RiskWeights::zone_restricted,    &RiskWeights::zone_storefront,
    &RiskWeights::dwell,        &RiskWeights::fight_pose_anomaly, &RiskWeights::pose_fighting};

/// So far below min_risk, in log-odds.
constexpr double kMargin = 0.1;

// Scales what is known without the classifier down to where it stays below min_risk.
void LetTheClassifierDecide(RiskKind kind, const FitOptions& options, RiskWeights& weights) {
  const double bias = weights.*BiasOf(kind);
  const double limit = Logit(options.min_risk) - kMargin - bias;
  const double most = MostWithoutClassifier(kind, weights) - bias;
  if (most <= limit || limit <= 0) return;
  for (double RiskWeights::*const weight : kWithoutClassifier) {
    if (Concerns(kind, IndexOf(weight))) weights.*weight *= limit / most;
  }
}

// Lowers fight_alone to where the surest classifier and the oddest pose stay below min_risk.
void LetNobodyFightAlone(const FitOptions& options, RiskWeights& weights) {
  RiskInputs inputs;
  inputs.pose_anomaly = inputs.fighting = 1;
  inputs.pair = FightingEvidence{0, true};
  const double most = LogOdds(UnitsOf(inputs, RiskKind::kFight, weights), weights);
  weights.fight_alone -= std::max(0.0, most - (Logit(options.min_risk) - kMargin));
}

// Logistic regression around the prior, by projected gradient descent.
RiskWeights Regress(const std::vector<std::pair<Units, Example>>& rows, RiskKind kind,
                    const RiskWeights& prior, RiskWeights weights, const FitOptions& options) {
  const double pull = 1 / (options.spread * options.spread);
  double curvature = pull;  // At least the loss's own, so that steps never overshoot.
  for (const auto& [units, example] : rows) {
    double squares = 0;
    for (const double u : units) squares += u * u;
    curvature += example.weight * squares / 4;
  }
  const auto names = NamedRiskWeights();
  for (int step = 0; step < kSteps; ++step) {
    Units gradient{};
    for (const auto& [units, example] : rows) {
      const double p = 1 / (1 + std::exp(-LogOdds(units, weights)));
      const double error = example.weight * (p - (example.positive ? 1 : 0));
      for (size_t w = 0; w < kWeights; ++w) gradient[w] += error * units[w];
    }
    for (size_t w = 0; w < kWeights; ++w) {
      if (!Concerns(kind, w)) continue;
      double& weight = weights.*names[w].weight;
      weight -= (gradient[w] + pull * (weight - prior.*names[w].weight)) / curvature;
      if (SignOf(w) * weight < 0) weight = 0;
    }
    LetTheClassifierDecide(kind, options, weights);
  }
  return weights;
}

// Shifts what the classifier says so that the best threshold lies at min_risk.
void SetOperatingPoint(const std::vector<Example>& examples, RiskKind kind,
                       const FitOptions& options, RiskWeights& weights) {
  std::vector<ranking::ScoredItem> items;
  for (const Example& example : examples) {
    const auto log_odds = ConfirmedLogOdds(*example.episode, kind, weights, options);
    if (log_odds) items.push_back({static_cast<float>(*log_odds), example.positive});
  }
  const auto ranking = ranking::MakeRanking(std::move(items));
  if (!ranking.ok()) return;  // Nobody was seen in one sort of episodes.
  const double threshold = std::max(ranking::BestF1Threshold(*ranking),
                                    ranking::PreciseThreshold(*ranking, options.precision));
  const double shift = Logit(options.min_risk) - threshold;
  (kind == RiskKind::kConcealment ? weights.clip_shoplifting_bias : weights.clip_fighting_bias) +=
      shift;
}

bool FitKind(const std::vector<Episode>& episodes, RiskKind kind, const RiskWeights& prior,
             const FitOptions& options, RiskWeights& weights) {
  const std::vector<Example> examples = ExamplesOf(episodes, kind);
  if (examples.empty()) return false;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::pair<Units, Example>> rows;
    for (const Example& example : examples) {
      const auto peak = PeakOf(*example.episode, kind, weights, options);
      if (peak) rows.emplace_back(peak->units, example);
    }
    const RiskWeights before = weights;
    weights = Regress(rows, kind, prior, weights, options);
    if (weights == before) break;
  }
  SetOperatingPoint(examples, kind, options, weights);
  if (kind == RiskKind::kFight) LetNobodyFightAlone(options, weights);
  return true;
}

// Judged episodes become figures. Episodes in which nobody was seen rank below all others.
class Judged {
 public:
  void Add(const Episode& episode, bool positive, std::optional<double> log_odds, double threshold,
           const std::string& stratum) {
    items_.push_back({static_cast<float>(log_odds.value_or(-1e6)), positive});
    strata_.push_back(Number(strata_names_, episode.source + "/" + stratum));
    groups_.push_back(
        static_cast<size_t>(Number(group_names_, episode.source + "/" + episode.group)));
    raised_.push_back(log_odds && *log_odds >= threshold);
  }

  KindFigures Finish() {
    KindFigures figures;
    for (const ranking::ScoredItem& item : items_) {
      ++(item.positive ? figures.positives : figures.negatives);
    }
    if (items_.empty()) return figures;
    const Figures all = Of(items_);
    figures.auc_roc = all[0].value_or(figures.auc_roc);
    figures.precision = all[1].value_or(0);
    figures.recall = all[2].value_or(0);
    if (figures.precision + figures.recall > 0) {
      figures.f1 = 2 * figures.precision * figures.recall / (figures.precision + figures.recall);
    }
    const auto intervals =
        ranking::BootstrapIntervals(group_names_.size(), [&](absl::Span<const double> drawn) {
          std::vector<ranking::ScoredItem> items = items_;
          for (size_t i = 0; i < items.size(); ++i) items[i].weight = drawn[groups_[i]];
          return Of(items);
        });
    figures.bootstrap = {intervals[0], intervals[1], intervals[2]};
    return figures;
  }

 private:
  // AUC, precision and recall.
  using Figures = std::vector<std::optional<double>>;

  static int Number(std::map<std::string, int>& names, const std::string& name) {
    return names.emplace(name, static_cast<int>(names.size())).first->second;
  }

  Figures Of(const std::vector<ranking::ScoredItem>& items) const {
    double hits = 0, raised = 0, positives = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].positive) positives += items[i].weight;
      if (!raised_[i]) continue;
      raised += items[i].weight;
      if (items[i].positive) hits += items[i].weight;
    }
    Figures figures(3);
    if (const auto auc = ranking::StratifiedAuc(items, strata_); auc.ok()) figures[0] = *auc;
    if (raised > 0) figures[1] = hits / raised;
    if (positives > 0) figures[2] = hits / positives;
    return figures;
  }

  std::vector<ranking::ScoredItem> items_;
  std::vector<int> strata_;
  std::vector<size_t> groups_;
  std::vector<bool> raised_;
  std::map<std::string, int> strata_names_;
  std::map<std::string, int> group_names_;
};

}  // namespace

std::optional<double> ConfirmedLogOdds(const Episode& episode, RiskKind kind,
                                       const RiskWeights& weights, const FitOptions& options) {
  const auto peak = PeakOf(episode, kind, weights, options);
  return peak ? std::optional(peak->log_odds) : std::nullopt;
}

absl::StatusOr<RiskWeights> FitRisk(const std::vector<Episode>& episodes, const RiskWeights& prior,
                                    const FitOptions& options) {
  RiskWeights weights = prior;
  const bool concealment = FitKind(episodes, RiskKind::kConcealment, prior, options, weights);
  const bool fight = FitKind(episodes, RiskKind::kFight, prior, options, weights);
  if (concealment || fight) return weights;
  return absl::InvalidArgumentError(
      "no source has episodes both with and without an act: there is nothing to learn from");
}

KindFigures Measure(const std::vector<Episode>& episodes, RiskKind kind, const RiskWeights& weights,
                    const FitOptions& options) {
  Judged judged;
  for (const Example& example : ExamplesOf(episodes, kind)) {
    judged.Add(*example.episode, example.positive,
               ConfirmedLogOdds(*example.episode, kind, weights, options), Logit(options.min_risk),
               "");
  }
  return judged.Finish();
}

KindFigures CrossValidate(const std::vector<Episode>& episodes, RiskKind kind,
                          const RiskWeights& prior, const FitOptions& options, int folds) {
  std::set<std::string> names;
  for (const Episode& episode : episodes) names.insert(episode.source + "/" + episode.group);
  std::map<std::string, int> fold_of;
  for (const std::string& name : names) {
    fold_of.emplace(name, static_cast<int>(fold_of.size()) % folds);
  }
  Judged judged;
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<Episode> learnt, held;
    for (const Episode& episode : episodes) {
      const bool out = fold_of.at(episode.source + "/" + episode.group) == fold;
      (out ? held : learnt).push_back(episode);
    }
    RiskWeights weights = prior;
    FitKind(learnt, kind, prior, options, weights);
    for (const Example& example : ExamplesOf(held, kind)) {
      judged.Add(*example.episode, example.positive,
                 ConfirmedLogOdds(*example.episode, kind, weights, options),
                 Logit(options.min_risk), std::to_string(fold));
    }
  }
  return judged.Finish();
}

}  // namespace aislewatch::risk_training
