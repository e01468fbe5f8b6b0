#include "models/clip_training/report/classifier_page.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/clip_training/clip_reader.h"
#include "models/report/histogram.h"
#include "models/report/ranking_curves.h"

namespace aislewatch::clip_training {
namespace {

using report::Element;
using report::FigureText;
using report::Html;
using report::IntervalText;

constexpr size_t kMostMistakes = 12;
constexpr int kScoreBins = 20;
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
       Element(
           "p", {{"class", "muted"}},
           {"F1 and AUC are those of the class that is not normal, the mean where there are "
            "several. Shoplifting puts all ways of concealing together. A clip is judged by its "
            "most certain half second; 0.5 decides."})});
}

Html ConfusionMatrix(const Evaluation& evaluation) {
  Html head = Element("td", report::Attributes{});
  for (const std::string& judged : evaluation.classes) {
    head += Element("th", {{"scope", "col"}}, {absl::StrCat("judged ", judged)});
  }
  Html rows;
  for (size_t truth = 0; truth < evaluation.classes.size(); ++truth) {
    const std::vector<int>& counts = evaluation.confusion[truth];
    const int all = std::accumulate(counts.begin(), counts.end(), 0);
    Html cells = Element("th", {{"scope", "row"}}, {evaluation.classes[truth]});
    for (const int count : counts) {
      const double share = all == 0 ? 0 : static_cast<double>(count) / all;
      cells += Element(
          "td", {{"style", absl::StrFormat("--share:%.2f", 0.45 * share)}},
          {absl::StrCat(count), Element("span", {absl::StrFormat("%.0f %%", 100 * share)})});
    }
    rows += Element("tr", {cells});
  }
  return report::Section(
      "Confusion matrix",
      {Element("div",
               {{"class", "scroll"},
                {"tabindex", "0"},
                {"role", "region"},
                {"aria-label", "Confusion matrix"}},
               {Element("table", {{"class", "matrix"}},
                        {Element("caption",
                                 {"Clips by their label (rows) and by what they were judged to be; "
                                  "per cent of the row"}),
                         Element("thead", {Element("tr", {head})}), Element("tbody", {rows})})})});
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
       Element(
           "p", {{"class", "muted"}},
           {"Each class against all others. A clip's score is the highest probability of the "
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

Html Card(const ClassifierReport& report, size_t index) {
  const JudgedClip& judged = report.clips[index];
  const ClipOutcome& outcome = report.evaluation.outcomes[index];
  const std::string name = absl::StrCat(judged.clip.folder, "/", FileName(judged.clip.path));
  const std::optional<Moment> moment = ShownMoment(judged);
  const std::string where = moment
                                ? absl::StrCat("Person ", moment->track_id, ", ", TimeOf(*moment))
                                : "Nobody was found";
  const std::vector<std::string>& classes = report.evaluation.classes;
  // Of a false alarm how sure it was, of a miss how far it stayed below.
  const std::string verdict =
      IsAlarming(classes[outcome.truth])
          ? absl::StrFormat("Judged %s; %s reaches %.2f.", classes[outcome.judged],
                            classes[outcome.truth], outcome.peaks[outcome.truth])
          : absl::StrFormat("Judged %s at %.2f.", classes[outcome.judged],
                            outcome.peaks[outcome.judged]);
  Html picture;
  if (!report.pictures[index].empty()) {
    picture = report::Picture(report.pictures[index],
                              absl::StrCat("Frame of ", name, ": ", where, ", heads blurred"));
  }
  return Element(
      "article", {{"class", "card"}},
      {picture, Element("h4", {name}), Element("p", {verdict}),
       Element("p", {where, moment ? absl::StrCat(": ", LikelyActions(*moment)) : std::string()})});
}

Html Cards(const ClassifierReport& report, std::vector<std::pair<float, size_t>> mistakes) {
  if (mistakes.empty()) return Element("p", {"None."});
  std::sort(mistakes.begin(), mistakes.end());
  Html cards;
  for (size_t i = 0; i < std::min(kMostMistakes, mistakes.size()); ++i) {
    cards += Card(report, mistakes[i].second);
  }
  Html all = Element("p", {{"class", "muted"}},
                     {absl::StrCat(std::min(kMostMistakes, mistakes.size()), " of ",
                                   mistakes.size(), ", worst first.")});
  all += Element("div", {{"class", "cards"}}, {cards});
  return all;
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
  body += ConfusionMatrix(evaluation);
  body += CurvesAndScores(evaluation);
  body += ClassTable(evaluation);
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
