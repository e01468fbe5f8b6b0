#include "cli/clips/anomaly_page.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/clip_training/clip_reader.h"
#include "models/report/confusion_matrix.h"
#include "models/report/group_table.h"
#include "models/report/histogram.h"
#include "models/report/mistakes.h"
#include "models/report/ranking_curves.h"

namespace aislewatch {
namespace {

using report::Element;
using report::FigureText;
using report::Html;
using report::IntervalText;
using report::Note;

constexpr int kBins = 20;
constexpr size_t kBlocks = 5;

std::string ClipNameOf(const ScoredClip& clip) {
  return absl::StrCat(clip.clip.folder, "/",
                      std::filesystem::path(clip.clip.path).filename().string());
}

std::string SecondsText(size_t frames) {
  return absl::StrFormat("%.1f s", static_cast<double>(frames) / clip_training::kAnalysisFps);
}

std::string PerCentText(double share) { return absl::StrFormat("%.1f %%", 100 * share); }

std::string OfFrames(int part, int whole) {
  return whole == 0 ? "–" : PerCentText(static_cast<double>(part) / whole);
}

bool IsRaised(const ScoredClip& clip, const LabelledEvaluation& evaluation) {
  return ScoreBy(ClipWay::kMean, clip) >= evaluation.threshold;
}

Html RankingSection(const AnomalyClipsReport& report) {
  const LabelledEvaluation& evaluation = *report.evaluation;
  report::Table table;
  table.caption =
      absl::StrCat("How well ", evaluation.positives, " clips that show something rank ", "above ",
                   static_cast<int>(report.clips.size()) - evaluation.positives, " that do not");
  table.columns = {{"a clip's score"}, {"AUC-ROC"}, {"95 % interval"}, {"avg. precision"}};
  const char* const names[] = {"mean of its frames", "its peak", "control: frames with people"};
  for (size_t w = 0; w < kClipWays.size(); ++w) {
    const ClipWayFigures& figures = evaluation.ways[w];
    table.rows.push_back({names[w], FigureText(figures.auc_roc), IntervalText(figures.bootstrap),
                          FigureText(figures.average_precision)});
  }
  return report::Section(
      "Figures",
      {report::ToHtml(table),
       Note({"A clip is positive unless its folder's class is harmless. A frame scores what the "
             "most unusual person in it does; clips without a score rank below all others. "
             "Intervals are a bootstrap over clips. The control looks at no pose: a gain that it "
             "matches is no gain."})});
}

Html MatrixSection(const AnomalyClipsReport& report) {
  report::ConfusionMatrix matrix;
  matrix.caption = absl::StrFormat("From a mean of %.3f on", report.evaluation->threshold);
  matrix.truths = {"normal", "positive"};
  matrix.judgements = {"below", "raised"};
  matrix.counts.assign(2, std::vector<int>(2, 0));
  for (const ScoredClip& clip : report.clips) {
    ++matrix.counts[IsPositive(clip)][IsRaised(clip, *report.evaluation)];
  }
  return report::Section(
      "Confusion matrix",
      {report::Draw(matrix),
       Element("p", {},
               {"The threshold is the one with the best F1 on these very clips: it was chosen with "
                "their labels known, so expect less of it on others. A clip in which nobody has a "
                "score is not raised."})});
}

Html RankingCurvesSection(const AnomalyClipsReport& report) {
  report::RankingCurves curves({"normal clips raised", "positive clips found"});
  curves.Add("mean", ItemsBy(ClipWay::kMean, report.clips));
  curves.Add("peak", ItemsBy(ClipWay::kPeak, report.clips));
  curves.Add("control: frames with people", ItemsBy(ClipWay::kFramesWithPeople, report.clips));
  const auto histogram = [&](const std::string& title, ClipWay way, double threshold) {
    return report::Draw(
        report::HistogramChart{title, "positive", "normal", "clips",
                               report::CountInBins(ItemsBy(way, report.clips), kBins), threshold});
  };
  return report::Section(
      "Curves and scores",
      {Element("div", {{"class", "charts"}},
               {report::Draw(curves.roc()), report::Draw(curves.precision_recall()),
                histogram("Means of clips", ClipWay::kMean, report.evaluation->threshold),
                histogram("Peaks of clips", ClipWay::kPeak, -1)}),
       Note({"The dotted line of the ROC curve is chance, the dashed one of the means is the "
             "threshold of the confusion matrix."})});
}

Html BlockSection(const AnomalyClipsReport& report) {
  std::vector<std::string> class_of;
  for (const ScoredClip& clip : report.clips) class_of.push_back(clip.clip.folder);
  const std::vector<size_t> block = report::BlocksOfNeighbours(class_of, kBlocks);
  std::vector<report::GroupedItem> items;
  for (size_t i = 0; i < report.clips.size(); ++i) {
    const ScoredClip& clip = report.clips[i];
    items.push_back({block[i], ScoreBy(ClipWay::kMean, clip), IsPositive(clip),
                     IsRaised(clip, *report.evaluation)});
  }
  std::vector<std::string> names;
  for (size_t b = 1; b <= kBlocks; ++b) names.push_back(absl::StrCat(b));
  const report::Table table = report::GroupTable(
      {"By block of neighbouring clips, judged by the mean", "block", names, "clips", "positive"},
      items);
  return report::Section(
      "Blocks", {report::ToHtml(table),
                 Note({"The first fifth of each class by file name, the second, and so on: "
                       "neighbours often share a camera and a person."})});
}

struct SortedClips {
  /// Worst first.
  std::vector<size_t> false_alarms;
  std::vector<size_t> misses;
  /// Positive clips in which nobody has a score.
  int without_score = 0;
};

SortedClips SortClips(const std::vector<ScoredClip>& clips, const LabelledEvaluation& evaluation) {
  SortedClips sorted;
  for (size_t i = 0; i < clips.size(); ++i) {
    if (IsPositive(clips[i]) == IsRaised(clips[i], evaluation)) continue;
    if (!clips[i].anomaly.peak) {
      ++sorted.without_score;
    } else {
      (IsPositive(clips[i]) ? sorted.misses : sorted.false_alarms).push_back(i);
    }
  }
  const auto by_mean = [&](size_t a, size_t b) {
    return ScoreBy(ClipWay::kMean, clips[a]) < ScoreBy(ClipWay::kMean, clips[b]);
  };
  std::stable_sort(sorted.misses.begin(), sorted.misses.end(), by_mean);
  std::stable_sort(sorted.false_alarms.begin(), sorted.false_alarms.end(),
                   [&](size_t a, size_t b) { return by_mean(b, a); });
  return sorted;
}

/// Those with a peak, highest first.
std::vector<size_t> ByPeak(const std::vector<ScoredClip>& clips) {
  std::vector<size_t> order;
  for (size_t i = 0; i < clips.size(); ++i) {
    if (clips[i].anomaly.peak) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return clips[a].anomaly.peak->score > clips[b].anomaly.peak->score;
  });
  return order;
}

Html PeakCards(const AnomalyClipsReport& report, const std::vector<size_t>& clips,
               const std::string& order = "worst first") {
  std::vector<report::Mistake> shown;
  for (size_t i = 0; i < std::min(report::kMostMistakes, clips.size()); ++i) {
    const ScoredClip& clip = report.clips[clips[i]];
    const AnomalyPeak& peak = *clip.anomaly.peak;
    report::Mistake card;
    card.name = ClipNameOf(clip);
    card.lines.push_back(
        absl::StrFormat("Mean %.3f, peak %.3f.", ScoreBy(ClipWay::kMean, clip), peak.score));
    card.lines.push_back(absl::StrCat("Person ", peak.track_id, ", ", SecondsText(peak.frame)));
    if (!report.pictures[clips[i]].empty()) {
      card.picture = report::Picture(
          report.pictures[clips[i]],
          absl::StrCat("Frame of ", card.name, ": ", card.lines.back(), ", heads blurred"));
    }
    shown.push_back(std::move(card));
  }
  return report::MistakeCards(shown, clips.size(), order);
}

constexpr char kBlurNote[] =
    " Heads are blurred of everybody whom the pose service found, and of nobody else: look before "
    "you send this page around.";

Html MistakeSection(const AnomalyClipsReport& report) {
  const SortedClips sorted = SortClips(report.clips, *report.evaluation);
  return report::Section(
      "Worst mistakes",
      {Element("p", {absl::StrCat("At the threshold of the confusion matrix. The frame in which "
                                  "somebody scores highest, with that person.",
                                  kBlurNote)}),
       Element("h3", {"False alarms: normal clips that are raised"}),
       PeakCards(report, sorted.false_alarms),
       Element("h3", {{"class", "later"}}, {"Misses: positive clips that are not"}),
       PeakCards(report, sorted.misses),
       Note({absl::StrCat("Mistakes in which nobody has a score, and which are not shown: ",
                          sorted.without_score, ".")})});
}

Html LabelledClipSection(const AnomalyClipsReport& report) {
  report::Table table;
  table.caption = "Every clip";
  table.columns = {{"clip"}, {"mean"}, {"peak"}, {"peak at"}, {"frames"}, {"with people"}};
  for (const ScoredClip& clip : report.clips) {
    const ClipAnomaly& anomaly = clip.anomaly;
    const bool scored = anomaly.peak.has_value();
    table.rows.push_back(
        {ClipNameOf(clip), scored ? absl::StrFormat("%.3f", *anomaly.mean) : std::string("–"),
         scored ? absl::StrFormat("%.3f", anomaly.peak->score) : std::string("–"),
         scored ? SecondsText(anomaly.peak->frame) : std::string("nobody has a score"),
         absl::StrCat(anomaly.frames), absl::StrCat(anomaly.frames_with_people)});
  }
  return report::Section("Clips", {report::Folded("All clips", report::ToHtml(table))});
}

std::vector<Html> FootageRow(const std::string& name, const FootageFigures& figures) {
  std::vector<Html> row = {name, absl::StrCat(figures.frames),
                           OfFrames(figures.frames_with_people, figures.frames),
                           OfFrames(figures.frames_with_score, figures.frames)};
  const bool scored = figures.frames_with_score > 0;
  for (const double share : figures.share_above) {
    row.push_back(scored ? PerCentText(share) : std::string("–"));
  }
  for (const double quantile : figures.quantiles) {
    row.push_back(scored ? absl::StrFormat("%.3f", quantile) : std::string("–"));
  }
  return row;
}

Html SpreadSection(const AnomalyClipsReport& report) {
  report::Table table;
  table.caption =
      "Frames, and how the scores of those with a score are spread: share above, and quantiles";
  table.columns = {{"clip"}, {"frames"}, {"with people"}, {"with a score"}};
  for (const double high : FootageFigures::kHigh) {
    table.columns.push_back({absl::StrFormat("above %.2f", high)});
  }
  for (const double quantile : FootageFigures::kQuantiles) {
    table.columns.push_back({absl::StrFormat("%.0f %%", 100 * quantile)});
  }
  table.rows.push_back(FootageRow("all", MeasureFootage(report.clips)));
  for (const ScoredClip& clip : report.clips) {
    table.rows.push_back(FootageRow(ClipNameOf(clip), MeasureFootage({clip})));
  }
  return report::Section(
      "Figures",
      {Element("p", {Element("strong", {"Nothing says what these clips show."}),
                     " So this page tells how scores are spread, not how well they rank: no curve, "
                     "no confusion matrix and no mistakes. High scores are false alarms only if "
                     "nothing happened, and that the footage does not say."}),
       report::ToHtml(table),
       Note({"A frame scores what the most unusual person in it does. Of a clip the first two "
             "minutes are read, at ten frames a second."})});
}

Html SpreadChart(const AnomalyClipsReport& report) {
  std::vector<ranking::ScoredItem> items;
  for (const ScoredClip& clip : report.clips) {
    for (const float score : clip.anomaly.scores) items.push_back({score, true});
  }
  return report::Section(
      "Scores", {Element("div", {{"class", "charts"}},
                         {report::Draw(report::HistogramChart{
                             "Scores of frames", "frames", "", "frames with a score",
                             report::CountInBins(items, kBins), FootageFigures::kHigh[0]})}),
                 Note({"The dashed line is at 0.83."})});
}

Html PeakSection(const AnomalyClipsReport& report) {
  return report::Section(
      "Highest moments",
      {Element("p", {absl::StrCat("Of each clip the frame in which somebody scores highest, with "
                                  "that person.",
                                  kBlurNote)}),
       PeakCards(report, ByPeak(report.clips), "highest first")});
}

}  // namespace

std::vector<size_t> ClipsToPicture(const std::vector<ScoredClip>& clips,
                                   const std::optional<LabelledEvaluation>& evaluation) {
  std::vector<std::vector<size_t>> kinds;
  if (evaluation) {
    SortedClips sorted = SortClips(clips, *evaluation);
    kinds = {std::move(sorted.false_alarms), std::move(sorted.misses)};
  } else {
    kinds = {ByPeak(clips)};
  }
  std::vector<size_t> pictured;
  for (std::vector<size_t>& kind : kinds) {
    kind.resize(std::min(report::kMostMistakes, kind.size()));
    pictured.insert(pictured.end(), kind.begin(), kind.end());
  }
  return pictured;
}

std::string AnomalyClipsPage(const AnomalyClipsReport& report,
                             const report::Provenance& provenance) {
  const std::string title =
      absl::StrCat("Pose anomaly in another place: ", report.model.name, " ", report.model.version);
  Html body;
  if (!report.evaluation) {
    body += SpreadSection(report);
    body += SpreadChart(report);
    body += PeakSection(report);
    return report::Page(title,
                        absl::StrCat(report.clips.size(), " clips of ", report.dataset,
                                     " without classes, people found by the pose service."),
                        body, provenance);
  }
  body += RankingSection(report);
  body += MatrixSection(report);
  body += RankingCurvesSection(report);
  body += BlockSection(report);
  body += MistakeSection(report);
  body += LabelledClipSection(report);
  return report::Page(title,
                      absl::StrCat(report.clips.size(), " clips of ", report.dataset,
                                   ", ranked as a whole; people found by the pose service. The "
                                   "score ranks moments, it does not detect shoplifting."),
                      body, provenance);
}

}  // namespace aislewatch
