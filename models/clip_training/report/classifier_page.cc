#include "models/clip_training/report/classifier_page.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/clip_training/clip_reader.h"
#include "models/report/confusion_matrix.h"
#include "models/report/group_table.h"
#include "models/report/histogram.h"
#include "models/report/mistakes.h"
#include "models/report/ranking_curves.h"

namespace aislewatch::clip_training {
namespace {

using report::Element;
using report::FigureText;
using report::Html;
using report::IntervalText;
using report::Note;

constexpr int kScoreBins = 20;
constexpr size_t kBlocks = 5;
constexpr double kJudgedFrom = 0.5;

std::string FileName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::string TimeOf(const Moment& moment) {
  return absl::StrFormat("%.1f s", static_cast<double>(moment.frame) / kAnalysisFps);
}

std::vector<size_t> AlarmingClasses(const Evaluation& evaluation) {
  std::vector<size_t> alarming;
  for (size_t c = 0; c < evaluation.classes.size(); ++c) {
    if (IsAlarming(evaluation.classes[c])) alarming.push_back(c);
  }
  return alarming;
}

std::vector<ranking::ScoredItem> PeaksOf(const Evaluation& evaluation, size_t of_class) {
  std::vector<ranking::ScoredItem> items;
  for (const ClipOutcome& outcome : evaluation.outcomes) {
    items.push_back({outcome.peaks[of_class], outcome.truth == of_class});
  }
  return items;
}

Html SummaryTable(const Evaluation& evaluation) {
  report::Table table;
  table.caption = "Accuracy, F1 and AUC with 95 % intervals (bootstrap over clips)";
  table.columns = {{"judged"}, {"clips"},         {"accuracy"}, {"95 % interval"},
                   {"F1"},     {"95 % interval"}, {"AUC-ROC"},  {"95 % interval"}};
  const auto add = [&](const std::string& name, int clips, double accuracy, double f1, double auc,
                       const EvaluationIntervals& intervals) {
    table.rows.push_back({name, absl::StrCat(clips), FigureText(accuracy),
                          IntervalText(intervals.accuracy), FigureText(f1),
                          IntervalText(intervals.f1), FigureText(auc),
                          IntervalText(intervals.auc_roc)});
  };
  add("which class", evaluation.clips, evaluation.accuracy, evaluation.f1, evaluation.auc_roc,
      evaluation.bootstrap);
  if (const auto& shoplifting = evaluation.shoplifting) {
    add("shoplifting or not", shoplifting->figures.clips + shoplifting->other_clips,
        shoplifting->accuracy, shoplifting->figures.f1, shoplifting->figures.auc_roc.value_or(0.5),
        shoplifting->bootstrap);
  }
  return report::Section(
      "Figures",
      {report::ToHtml(table),
       Note({"F1 and AUC are those of the class that is not normal, the mean where there are "
             "several. Shoplifting puts all ways of concealing together. A clip is judged by its "
             "most certain half second; 0.5 decides."})});
}

Html Matrix(const Evaluation& evaluation) {
  report::ConfusionMatrix matrix;
  matrix.caption =
      "Clips by their label (rows) and by what they were judged to be; per cent of the row";
  matrix.truths = evaluation.classes;
  for (const std::string& judged : evaluation.classes) {
    matrix.judgements.push_back(absl::StrCat("judged ", judged));
  }
  matrix.counts = evaluation.confusion;
  return report::Section("Confusion matrix", {report::Draw(matrix)});
}

Html CurvesAndScores(const Evaluation& evaluation) {
  report::RankingCurves curves({"other clips raised", "clips of the class found"});
  Html histograms;
  for (const size_t c : AlarmingClasses(evaluation)) {
    const std::string& name = evaluation.classes[c];
    std::vector<ranking::ScoredItem> items = PeaksOf(evaluation, c);
    histograms += report::Draw(
        report::HistogramChart{absl::StrCat("Scores of ", name), name, "other", "clips",
                               report::CountInBins(items, kScoreBins), kJudgedFrom});
    curves.Add(name, std::move(items));
  }
  return report::Section(
      "Curves and scores",
      {Element("div", {{"class", "charts"}},
               {report::Draw(curves.roc()), report::Draw(curves.precision_recall()), histograms}),
       Note({"Each class against all others. A clip's score is the highest probability of the "
             "class, averaged over half a second, of anybody in it. The dotted line of the ROC "
             "curve is chance, the dashed one of the scores is where a clip is judged to show the "
             "class."})});
}

Html ClassTable(const Evaluation& evaluation) {
  report::Table table;
  table.caption = "By class, each against all others";
  table.columns = {{"class"}, {"clips"},   {"precision"},     {"recall"},
                   {"F1"},    {"AUC-ROC"}, {"avg. precision"}};
  for (size_t c = 0; c < evaluation.classes.size(); ++c) {
    const ClassFigures& figures = evaluation.by_class[c];
    table.rows.push_back({evaluation.classes[c], absl::StrCat(figures.clips),
                          FigureText(figures.precision), FigureText(figures.recall),
                          FigureText(figures.f1), FigureText(figures.auc_roc),
                          FigureText(figures.average_precision)});
  }
  return report::Section("Classes", {report::ToHtml(table)});
}

/// "normal 001.mp4 to 017.mp4, shoplifting 001.mp4 to 012.mp4".
std::string ClipsOfBlock(const std::vector<JudgedClip>& clips, const std::vector<size_t>& block,
                         size_t wanted) {
  std::map<std::string, std::pair<std::string, std::string>> ends;
  for (size_t i = 0; i < clips.size(); ++i) {
    if (block[i] != wanted) continue;
    const std::string name = FileName(clips[i].clip.path);
    ends.try_emplace(clips[i].clip.folder, name, name).first->second.second = name;
  }
  std::string text;
  for (const auto& [folder, range] : ends) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", folder, " ", range.first);
    if (range.second != range.first) absl::StrAppend(&text, " to ", range.second);
  }
  return text;
}

Html BlockTable(const ClassifierReport& report) {
  const Evaluation& evaluation = report.evaluation;
  std::vector<std::string> class_of;
  for (const JudgedClip& judged : report.clips) class_of.push_back(judged.clip.folder);
  const std::vector<size_t> block = report::BlocksOfNeighbours(class_of, kBlocks);
  std::vector<report::GroupedItem> items;
  for (size_t i = 0; i < report.clips.size(); ++i) {
    const ClipOutcome& outcome = evaluation.outcomes[i];
    float surest = 0;
    for (const size_t c : AlarmingClasses(evaluation)) surest = std::max(surest, outcome.peaks[c]);
    items.push_back({block[i], surest, IsAlarming(evaluation.classes[outcome.truth]),
                     IsAlarming(evaluation.classes[outcome.judged])});
  }
  std::vector<std::string> names;
  for (size_t b = 1; b <= kBlocks; ++b) names.push_back(absl::StrCat(b));
  report::Table table =
      report::GroupTable({"By block of neighbouring clips: whether a clip shows anything that is "
                          "not normal, whatever it is",
                          "block", names, "clips", "not normal"},
                         items);
  table.columns.push_back({"which", true});
  for (size_t b = 0; b < kBlocks; ++b) {
    table.rows[b].push_back(ClipsOfBlock(report.clips, block, b));
  }
  return report::Section(
      "Blocks", {report::ToHtml(table),
                 Note({"The first fifth of each class by file name, the second, and so on. Which "
                       "camera a clip is from its folder does not say; neighbours often share "
                       "one, and a person, too."})});
}

/// The actions that a moment is most certain of.
std::string LikelyActions(const Moment& moment) {
  std::vector<size_t> order(kActionCount);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return moment.probability[a] > moment.probability[b]; });
  std::string text;
  for (const size_t a : {order[0], order[1], order[2]}) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", std::string(kActionNames[a]), " ",
                    absl::StrFormat("%.2f", moment.probability[a]));
  }
  return text;
}

report::Mistake MistakeOf(const ClassifierReport& report, size_t index) {
  const JudgedClip& judged = report.clips[index];
  const ClipOutcome& outcome = report.evaluation.outcomes[index];
  report::Mistake mistake;
  mistake.name = absl::StrCat(judged.clip.folder, "/", FileName(judged.clip.path));
  const std::optional<Moment> moment = ShownMoment(judged);
  const std::string where = moment
                                ? absl::StrCat("Person ", moment->track_id, ", ", TimeOf(*moment))
                                : "Nobody was found";
  const std::vector<std::string>& classes = report.evaluation.classes;
  // Of a false alarm how sure it was, of a miss how far it stayed below.
  mistake.lines.push_back(IsAlarming(classes[outcome.truth])
                              ? absl::StrFormat("Judged %s; %s reaches %.2f.",
                                                classes[outcome.judged], classes[outcome.truth],
                                                outcome.peaks[outcome.truth])
                              : absl::StrFormat("Judged %s at %.2f.", classes[outcome.judged],
                                                outcome.peaks[outcome.judged]));
  mistake.lines.push_back(moment ? absl::StrCat(where, ": ", LikelyActions(*moment)) : where);
  if (!report.pictures[index].empty()) {
    mistake.picture =
        report::Picture(report.pictures[index],
                        absl::StrCat("Frame of ", mistake.name, ": ", where, ", heads blurred"));
  }
  return mistake;
}

Html Cards(const ClassifierReport& report, std::vector<std::pair<float, size_t>> mistakes) {
  std::sort(mistakes.begin(), mistakes.end());
  std::vector<report::Mistake> shown;
  for (size_t i = 0; i < std::min(report::kMostMistakes, mistakes.size()); ++i) {
    shown.push_back(MistakeOf(report, mistakes[i].second));
  }
  return report::MistakeCards(shown, mistakes.size());
}

Html Mistakes(const ClassifierReport& report) {
  const Evaluation& evaluation = report.evaluation;
  // Worst first: the surest false alarms, the deepest misses.
  std::vector<std::pair<float, size_t>> false_alarms, misses;
  for (size_t i = 0; i < evaluation.outcomes.size(); ++i) {
    const ClipOutcome& outcome = evaluation.outcomes[i];
    if (outcome.judged == outcome.truth) continue;
    if (IsAlarming(evaluation.classes[outcome.truth])) {
      misses.emplace_back(outcome.peaks[outcome.truth], i);
    } else {
      false_alarms.emplace_back(-outcome.peaks[outcome.judged], i);
    }
  }
  return report::Section(
      "Worst mistakes",
      {Element("p",
               {"The frame that decides, with the person that it is about. A normal clip is shown "
                "where "
                "it looks most like concealing or fighting, any other where it shows best what its "
                "label says. Heads are blurred of everybody whom the pose service found, and of "
                "nobody else: look before you send this page around."}),
       Element("h3", {"False alarms: normal clips judged otherwise"}),
       Cards(report, std::move(false_alarms)),
       Element("h3", {{"class", "later"}}, {"Misses: clips whose label was not seen"}),
       Cards(report, std::move(misses))});
}

Html ClipTable(const ClassifierReport& report) {
  const Evaluation& evaluation = report.evaluation;
  report::Table table;
  table.caption = "Every clip, with the highest score of each class";
  table.columns = {{"clip"}, {"label", true}, {"judged", true}};
  for (const std::string& name : evaluation.classes) table.columns.push_back({name});
  table.columns.push_back({"shown at"});
  for (size_t i = 0; i < report.clips.size(); ++i) {
    const ClipOutcome& outcome = evaluation.outcomes[i];
    const std::optional<Moment> moment = ShownMoment(report.clips[i]);
    std::vector<Html> row = {FileName(report.clips[i].clip.path), evaluation.classes[outcome.truth],
                             evaluation.classes[outcome.judged]};
    for (const float peak : outcome.peaks) row.push_back(absl::StrFormat("%.3f", peak));
    row.push_back(moment ? TimeOf(*moment) : "nobody found");
    table.rows.push_back(std::move(row));
  }
  return report::Section("Clips", {report::Folded("All clips", report::ToHtml(table))});
}

Html LeftOut(const ClassifierReport& report) {
  const std::string nobody =
      absl::StrCat("Clips in which nobody was followed for half a second, and which so count as ",
                   "normal: ", report.evaluation.clips_without_people, ".");
  if (report.skipped.empty()) {
    return report::Section("What was left out",
                           {Element("p", {"Every clip could be read."}), Element("p", {nobody})});
  }
  report::Table table;
  table.caption =
      absl::StrCat("Clips that could not be read and do not count: ", report.skipped.size());
  table.columns = {{"clip"}, {"why", true}};
  for (const SkippedClip& clip : report.skipped) table.rows.push_back({clip.path, clip.reason});
  return report::Section("What was left out", {report::ToHtml(table), Element("p", {nobody})});
}

}  // namespace

std::optional<Moment> ShownMoment(const JudgedClip& judged) {
  return judged.verdict.PeakMoment(IsHarmless(judged.clip.actions) ? ~HarmlessActions()
                                                                   : judged.clip.actions);
}

std::string ClassifierPage(const ClassifierReport& report, const report::Provenance& provenance) {
  const Evaluation& evaluation = report.evaluation;
  Html body = SummaryTable(evaluation);
  body += Matrix(evaluation);
  body += CurvesAndScores(evaluation);
  body += ClassTable(evaluation);
  body += BlockTable(report);
  body += Mistakes(report);
  body += ClipTable(report);
  body += LeftOut(report);
  return report::Page(
      absl::StrCat("Clip classifier: ", report.model.name, " ", report.model.version),
      absl::StrFormat(
          "Judged %d clips of %s as the cluster would: people found by the pose service, "
          "scored crop by crop.",
          evaluation.clips, report.dataset),
      body, provenance);
}

}  // namespace aislewatch::clip_training
