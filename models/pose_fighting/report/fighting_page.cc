#include "models/pose_fighting/report/fighting_page.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/report/confusion_matrix.h"
#include "models/report/group_table.h"
#include "models/report/histogram.h"
#include "models/report/mistakes.h"
#include "models/report/ranking_curves.h"

namespace aislewatch::pose_fighting {
namespace {

using ranking::ScoredItem;
using report::Element;
using report::FigureText;
using report::Html;
using report::Note;

constexpr int kScoreBins = 20;
constexpr float kDecides = 0.5f;
/// As many lines as a chart tells apart.
constexpr size_t kMostLines = 6;

bool IsControl(const JudgedWay& way) { return absl::StartsWith(way.name, "control"); }

/// FOLDER/FILE.
std::string NameOf(const PosedClip& clip) {
  const std::filesystem::path path(clip.path);
  return absl::StrCat(path.parent_path().filename().string(), "/", path.filename().string());
}

std::string TimeText(absl::Time at) {
  return absl::StrFormat("%.1f s", absl::ToDoubleSeconds(at - absl::UnixEpoch()));
}

std::string SpreadText(const ranking::MeanAndDeviation& spread) {
  return absl::StrFormat("%.3f ± %.3f", spread.mean, spread.deviation);
}

std::vector<ScoredItem> ItemsOf(const FightingReport& report, const JudgedWay& way) {
  std::vector<ScoredItem> items;
  for (size_t i = 0; i < report.clips.size(); ++i) {
    items.push_back({way.scores[i].probability, report.clips[i].fight});
  }
  return items;
}

Html SummarySection(const CrossValidation& result) {
  report::Table table;
  table.caption = absl::StrCat("Mean and deviation over ", result.folds,
                               " folds of neighbouring clips; AUC also among the ", result.seen,
                               " clips with somebody to judge by, and the ", result.paired,
                               " with a pair within reach");
  table.columns = {{"judged by"}, {"accuracy"},          {"F1"},
                   {"AUC-ROC"},   {"AUC with somebody"}, {"AUC with a pair"}};
  for (const JudgedWay& way : result.ways) {
    table.rows.push_back({way.name, SpreadText(way.accuracy), SpreadText(way.f1),
                          SpreadText(way.auc_roc), FigureText(way.auc_of_seen),
                          FigureText(way.auc_of_paired)});
  }
  return report::Section(
      "Figures",
      {report::ToHtml(table),
       Note(
           {"Fights are the positive class; 0.5 is chance for AUC-ROC, and decides. Poses are "
            "pairs "
            "within reach and people alone, as if an opponent moved alike; pairs are what fusion "
            "asks. Movement, where it is measured, is that of the whole picture, whoever is in it. "
            "The controls know nothing of what people do: a gain that they match is no gain."})});
}

/// The first two ways, by poses, and the best of the others that are no controls: what has a matrix
/// and a histogram of its own.
std::vector<const JudgedWay*> MainWays(const CrossValidation& result) {
  std::vector<const JudgedWay*> ways;
  for (const JudgedWay& way : result.ways) {
    if (!IsControl(way)) ways.push_back(&way);
  }
  const size_t kept = std::min<size_t>(2, ways.size());
  std::stable_sort(ways.begin() + static_cast<std::ptrdiff_t>(kept), ways.end(),
                   [](const auto* a, const auto* b) { return a->auc_roc.mean > b->auc_roc.mean; });
  ways.resize(std::min(kept + 1, ways.size()));
  return ways;
}

/// The main ways, then the best controls.
std::vector<const JudgedWay*> DrawnWays(const CrossValidation& result) {
  std::vector<const JudgedWay*> controls;
  for (const JudgedWay& way : result.ways) {
    if (IsControl(way)) controls.push_back(&way);
  }
  std::stable_sort(controls.begin(), controls.end(),
                   [](const auto* a, const auto* b) { return a->auc_roc.mean > b->auc_roc.mean; });
  std::vector<const JudgedWay*> ways = MainWays(result);
  ways.insert(ways.end(), controls.begin(), controls.end());
  ways.resize(std::min(kMostLines, ways.size()));
  return ways;
}

Html MatrixSection(const FightingReport& report) {
  Html matrices;
  for (const JudgedWay* way : MainWays(report.result)) {
    report::ConfusionMatrix matrix;
    matrix.caption = absl::StrCat("By ", way->name, ", all folds together");
    matrix.truths = {"normal", "fight"};
    matrix.judgements = {"judged normal", "judged fight"};
    matrix.counts.assign(2, std::vector<int>(2, 0));
    for (size_t i = 0; i < report.clips.size(); ++i) {
      ++matrix.counts[report.clips[i].fight][way->scores[i].probability >= kDecides];
    }
    matrices += report::Draw(matrix);
  }
  return report::Section("Confusion matrix",
                         {Element("div", {{"class", "charts"}}, {matrices}),
                          Note({"Clips by their label (rows) and by what they were judged to be; "
                                "per cent of the row."})});
}

Html CurveSection(const FightingReport& report) {
  report::RankingCurves curves({"normal clips raised", "fights found"});
  for (const JudgedWay* way : DrawnWays(report.result)) {
    curves.Add(way->name, ItemsOf(report, *way));
  }
  Html histograms;
  for (const JudgedWay* way : MainWays(report.result)) {
    histograms += report::Draw(
        report::HistogramChart{absl::StrCat("Scores by ", way->name), "fight", "normal", "clips",
                               report::CountInBins(ItemsOf(report, *way), kScoreBins), kDecides});
  }
  return report::Section(
      "Curves and scores",
      {Element("div", {{"class", "charts"}},
               {report::Draw(curves.roc()), report::Draw(curves.precision_recall()), histograms}),
       Note({"Each clip as the fold without it judges it, all folds in one ranking, so that AUC "
             "differs a little from the mean over folds. By poses, clips in which nobody is "
             "found score 0. "
             "The dotted line of the ROC curve is chance, the dashed one of the scores is where "
             "a clip is judged a fight."})});
}

Html FoldSection(const FightingReport& report) {
  const JudgedWay& way = report.result.ways.front();
  std::vector<std::string> names;
  for (int f = 1; f <= report.result.folds; ++f) names.push_back(absl::StrCat(f));
  std::vector<report::GroupedItem> items;
  for (size_t i = 0; i < report.clips.size(); ++i) {
    const float score = way.scores[i].probability;
    items.push_back({static_cast<size_t>(report.result.fold[i]), score, report.clips[i].fight,
                     score >= kDecides});
  }
  const report::Table table = report::GroupTable(
      {absl::StrCat("By fold, judged by ", way.name), "fold", std::move(names), "clips", "fights"},
      items);
  return report::Section(
      "Folds", {report::ToHtml(table),
                Note({"A fold is a block of neighbouring clips of each class. Which camera a "
                      "clip is from the data set does not say; neighbours often share one."})});
}

struct SortedMistakes {
  /// Worst first.
  std::vector<size_t> false_alarms;
  std::vector<size_t> misses;
  /// Fights in which there is nobody to judge by.
  std::vector<size_t> unseen;
};

SortedMistakes SortMistakes(const std::vector<PosedClip>& clips, const JudgedWay& way) {
  SortedMistakes sorted;
  for (size_t i = 0; i < clips.size(); ++i) {
    const ClipScore& score = way.scores[i];
    if (clips[i].fight == (score.probability >= kDecides)) continue;
    (!clips[i].fight ? sorted.false_alarms : score.at ? sorted.misses : sorted.unseen).push_back(i);
  }
  const auto by_score = [&](size_t a, size_t b) {
    return way.scores[a].probability < way.scores[b].probability;
  };
  std::stable_sort(sorted.false_alarms.begin(), sorted.false_alarms.end(),
                   [&](size_t a, size_t b) { return by_score(b, a); });
  std::stable_sort(sorted.misses.begin(), sorted.misses.end(), by_score);
  return sorted;
}

report::Mistake MistakeOf(const FightingReport& report, size_t clip) {
  const ClipScore& score = report.result.ways.front().scores[clip];
  report::Mistake mistake;
  mistake.name = NameOf(report.clips[clip]);
  mistake.lines.push_back(absl::StrFormat("Probability of a fight %.2f, labelled %s.",
                                          score.probability,
                                          report.clips[clip].fight ? "fight" : "normal"));
  mistake.lines.push_back(absl::StrFormat(
      "%s; fold %d, %s.", score.at ? TimeText(*score.at) : "Nobody was found",
      report.result.fold[clip] + 1,
      report.clips[clip].pairs.empty() ? "no pair within reach" : "a pair within reach"));
  if (!report.pictures[clip].empty()) {
    mistake.picture =
        report::Picture(report.pictures[clip], absl::StrCat("Frame of ", mistake.name,
                                                            ", people found as skeletons, "
                                                            "heads blurred"));
  }
  return mistake;
}

Html MistakesOf(const FightingReport& report, const std::vector<size_t>& clips) {
  std::vector<report::Mistake> shown;
  for (size_t i = 0; i < std::min(report::kMostMistakes, clips.size()); ++i) {
    shown.push_back(MistakeOf(report, clips[i]));
  }
  return report::MistakeCards(shown, clips.size());
}

Html MistakeSection(const FightingReport& report) {
  const JudgedWay& way = report.result.ways.front();
  const SortedMistakes sorted = SortMistakes(report.clips, way);
  std::string unseen =
      absl::StrCat("Not shown are ", sorted.unseen.size(),
                   " fights in which nobody was followed for long enough, and which so score 0");
  for (size_t i = 0; i < sorted.unseen.size(); ++i) {
    absl::StrAppend(&unseen, i == 0 ? ": " : ", ", NameOf(report.clips[sorted.unseen[i]]));
  }
  return report::Section(
      "Worst mistakes",
      {Element("p", {absl::StrCat(
                        "Judged by ", way.name,
                        ". The frame in which the half second ends that decides, with everybody "
                        "whom the pose service found. Heads are blurred of these, and of nobody "
                        "else: look before you send this page around.")}),
       Element("h3", {"False alarms: normal clips judged fights"}),
       MistakesOf(report, sorted.false_alarms),
       Element("h3", {{"class", "later"}}, {"Misses: fights judged normal"}),
       MistakesOf(report, sorted.misses), Note({absl::StrCat(unseen, ".")})});
}

Html ClipSection(const FightingReport& report) {
  report::Table table;
  table.caption = "Every clip, with its score by each way to judge";
  table.columns = {{"clip"}, {"label", true}, {"fold"}};
  for (const JudgedWay& way : report.result.ways) table.columns.push_back({way.name});
  for (size_t i = 0; i < report.clips.size(); ++i) {
    std::vector<Html> row = {NameOf(report.clips[i]), report.clips[i].fight ? "fight" : "normal",
                             absl::StrCat(report.result.fold[i] + 1)};
    for (const JudgedWay& way : report.result.ways) {
      row.push_back(absl::StrFormat("%.3f", way.scores[i].probability));
    }
    table.rows.push_back(std::move(row));
  }
  return report::Section("Clips", {report::Folded("All clips", report::ToHtml(table))});
}

}  // namespace

std::vector<size_t> PicturedClips(const std::vector<PosedClip>& clips,
                                  const CrossValidation& result) {
  SortedMistakes sorted = SortMistakes(clips, result.ways.front());
  std::vector<size_t> pictured;
  for (std::vector<size_t>* kind : {&sorted.false_alarms, &sorted.misses}) {
    kind->resize(std::min(report::kMostMistakes, kind->size()));
    pictured.insert(pictured.end(), kind->begin(), kind->end());
  }
  return pictured;
}

std::string FightingPage(const FightingReport& report, const report::Provenance& provenance) {
  Html body = SummarySection(report.result);
  body += MatrixSection(report);
  body += CurveSection(report);
  body += FoldSection(report);
  body += MistakeSection(report);
  body += ClipSection(report);
  return report::Page(
      "Fighting by poses, cross-validated",
      absl::StrFormat(
          "%d clips of %s, %d of them fights, in %d folds of neighbouring clips. What "
          "judges a fold is fitted anew to the other folds: the model of the manifest "
          "below is fitted to all of them, in the same way, and was itself not measured.",
          report.result.clips, report.dataset, report.result.fights, report.result.folds),
      body, provenance);
}

}  // namespace aislewatch::pose_fighting
