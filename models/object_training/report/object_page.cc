#include "models/object_training/report/object_page.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/object_training/report/object_mistakes.h"
#include "models/report/confusion_matrix.h"
#include "models/report/histogram.h"
#include "models/report/line_chart.h"
#include "models/report/mistakes.h"
#include "models/report/ranking_curves.h"

namespace aislewatch::object_training {
namespace {

using ranking::ScoredItem;
using report::Element;
using report::FigureText;
using report::Html;
using report::Note;

constexpr int kScoreBins = 20;
/// As many lines as a chart tells apart.
constexpr size_t kMostLines = 6;

std::string ShareText(int part, int whole) {
  return whole == 0 ? "–" : absl::StrFormat("%.0f %%", 100.0 * part / whole);
}

bool AnyWeapon(const ObjectReport& report) {
  const auto& classes = report.dataset.classes;
  return std::any_of(classes.begin(), classes.end(), [](const auto& c) { return c.weapon; });
}

std::vector<Html> CountRow(const std::string& name, const std::string& boxes, const std::string& ap,
                           const Counts& counts) {
  return {name,
          boxes,
          ap,
          absl::StrCat(counts.right),
          absl::StrCat(counts.wrong),
          absl::StrCat(counts.missed),
          FigureText(counts.precision()),
          FigureText(counts.recall()),
          FigureText(counts.f1())};
}

Html ClassSection(const ObjectEvaluation& evaluation, bool any_weapon) {
  report::Table table;
  table.caption = absl::StrFormat(
      "By class; a detection is right from an overlap (IoU) of %.1f on, counts are from score %.2f "
      "on",
      kRightOverlap, evaluation.threshold);
  table.columns = {{"class"},  {"boxes"},     {"AP"},     {"right"}, {"wrong"},
                   {"missed"}, {"precision"}, {"recall"}, {"F1"}};
  int boxes = 0;
  for (const ClassFigures& figures : evaluation.classes) {
    boxes += figures.object_class.weapon ? figures.boxes : 0;
    table.rows.push_back(CountRow(
        absl::StrCat(figures.object_class.name, figures.object_class.weapon ? " (weapon)" : ""),
        absl::StrCat(figures.boxes), FigureText(figures.average_precision), figures.counts));
  }
  if (any_weapon) {
    table.rows.push_back(CountRow("all weapons", absl::StrCat(boxes),
                                  FigureText(evaluation.weapon_average_precision),
                                  evaluation.weapons));
  }
  return report::Section(
      "Figures",
      {report::ToHtml(table),
       Note({absl::StrFormat("Mean AP over all classes that have boxes: %.3f. AP is "
                             "the area below the precision-recall curve, precision "
                             "made falling%s.",
                             evaluation.mean_average_precision,
                             any_weapon ? "; that of all weapons is their mean" : "")})});
}

Html MatrixSection(const ObjectReport& report) {
  report::ConfusionMatrix matrix;
  matrix.caption = absl::StrFormat("What boxes (rows) were taken for, from score %.2f on",
                                   report.evaluation.threshold);
  for (const ObjectClass& one : report.dataset.classes) {
    matrix.truths.push_back(one.name);
    matrix.judgements.push_back(absl::StrCat("seen as ", one.name));
  }
  matrix.truths.push_back("background");
  matrix.judgements.push_back("not seen");
  matrix.counts =
      ConfuseClasses(report.dataset.classes.size(), report.judged, report.evaluation.threshold);
  return report::Section(
      "Confusion matrix",
      {report::Draw(matrix),
       Note({"Each detection takes the box that it overlaps most, from an IoU of 0.5 on, "
             "whatever the class, best score first. The last row is what was seen where nothing "
             "is labelled, or beside a box that a surer detection had taken; per cent are of the "
             "row."})});
}

/// Indices of the classes with boxes, weapons first, then by how many there are.
std::vector<size_t> DrawnClasses(const ObjectEvaluation& evaluation) {
  std::vector<size_t> order;
  for (size_t c = 0; c < evaluation.classes.size(); ++c) {
    if (evaluation.classes[c].boxes > 0) order.push_back(c);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const ClassFigures &x = evaluation.classes[a], &y = evaluation.classes[b];
    return x.object_class.weapon != y.object_class.weapon ? x.object_class.weapon
                                                          : x.boxes > y.boxes;
  });
  order.resize(std::min(kMostLines, order.size()));
  return order;
}

report::LineChart ClassCurves(const ObjectReport& report) {
  report::LineChart chart;
  chart.title = "Precision and recall of boxes";
  chart.x_label = "recall: boxes found";
  chart.y_label = "precision";
  for (const size_t c : DrawnClasses(report.evaluation)) {
    const ClassFigures& figures = report.evaluation.classes[c];
    report::Series series;
    series.name =
        absl::StrCat(figures.object_class.name, ", AP ", FigureText(figures.average_precision));
    series.points = PrecisionRecallCurve(JudgeClass(report.judged, static_cast<int>(c)));
    absl::StrAppend(&chart.description, series.name, ". ");
    chart.series.push_back(std::move(series));
  }
  return chart;
}

/// The highest score of a weapon in each picture, and whether there is one.
std::vector<ScoredItem> PictureItems(const ObjectReport& report) {
  std::vector<ScoredItem> items;
  const auto weapon = [&](int c) { return report.dataset.classes[static_cast<size_t>(c)].weapon; };
  for (const JudgedPicture& picture : report.judged) {
    ScoredItem item;
    for (const LabelledBox& box : picture.truth) item.positive |= weapon(box.class_index);
    for (const DetectedObject& object : picture.found) {
      if (weapon(object.class_index)) item.score = std::max(item.score, object.score);
    }
    items.push_back(item);
  }
  return items;
}

Html ScoreHistogram(const ObjectReport& report, bool weapons, const std::string& title) {
  std::vector<ScoredItem> items;
  for (size_t c = 0; c < report.dataset.classes.size(); ++c) {
    if (report.dataset.classes[c].weapon != weapons) continue;
    for (const JudgedDetection& one : JudgeClass(report.judged, static_cast<int>(c)).detections) {
      if (one.verdict == Verdict::kNeither) continue;
      items.push_back({one.object.score, one.verdict == Verdict::kRight});
    }
  }
  if (items.empty()) return Html();
  return report::Draw(report::HistogramChart{title, "on a box", "on none", "detections",
                                             report::CountInBins(items, kScoreBins),
                                             report.evaluation.threshold});
}

Html CurveSection(const ObjectReport& report, bool any_weapon) {
  Html charts = report::Draw(ClassCurves(report));
  if (any_weapon) {
    report::RankingCurves pictures({"pictures without a weapon raised", "pictures with one found"});
    pictures.Add("a weapon is in the picture", PictureItems(report));
    charts += report::Draw(pictures.roc());
    charts += report::Draw(pictures.precision_recall());
    charts += ScoreHistogram(report, true, "Scores of weapons");
  }
  charts += ScoreHistogram(report, false, any_weapon ? "Scores of other things" : "Scores");
  return report::Section(
      "Curves and scores",
      {Element("div", {{"class", "charts"}}, {charts}),
       Note({"Boxes that are not there cannot be counted, so boxes have no ROC curve; pictures "
             "have one, ranked by the surest weapon in each. The dashed line of the scores is "
             "the threshold. Detections below a score of 0.05 are not kept."})});
}

Html PictureSection(const ObjectReport& report, bool any_weapon) {
  const ObjectEvaluation& evaluation = report.evaluation;
  report::Table table;
  table.caption = "Pictures by what is in them, and in how many a weapon is seen";
  table.columns = {{"pictures with"}, {"pictures"}, {"a weapon is seen"}, {"share"}};
  const auto add = [&](const std::string& name, int pictures, int alarms) {
    table.rows.push_back(
        {name, absl::StrCat(pictures), absl::StrCat(alarms), ShareText(alarms, pictures)});
  };
  if (any_weapon) {
    int with = 0, seen = 0;
    for (const ScoredItem& item : PictureItems(report)) {
      with += item.positive;
      seen += item.positive && item.score >= evaluation.threshold;
    }
    add("a weapon", with, seen);
  }
  add("look-alikes only", evaluation.look_alikes.pictures, evaluation.look_alikes.alarms);
  add("nothing labelled", evaluation.nothing.pictures, evaluation.nothing.alarms);
  return report::Section(
      "Pictures",
      {report::ToHtml(table),
       Note({any_weapon ? "A weapon counts as seen wherever in the picture it is."
                        : "No class of this model is a weapon, so none can be seen."})});
}

std::string FileNameOf(const LabelledPicture& picture) {
  return std::filesystem::path(picture.path).filename().string();
}

report::Mistake CardOf(const ObjectReport& report, size_t picture, std::vector<std::string> lines) {
  report::Mistake mistake;
  mistake.name = FileNameOf(report.dataset.pictures[picture]);
  mistake.lines = std::move(lines);
  if (!report.pictures[picture].empty()) {
    mistake.picture = report::Picture(
        report.pictures[picture],
        absl::StrCat(mistake.name, " with labelled boxes in white, detections in orange. ",
                     mistake.lines.front()));
  }
  return mistake;
}

/// What is labelled where `object` was seen.
std::string LabelledThere(const ObjectReport& report, const FalseDetection& alarm) {
  const LabelledBox* there = nullptr;
  float most = kRightOverlap;
  for (const LabelledBox& box : report.judged[alarm.picture].truth) {
    const float overlap = IntersectionOverUnion(box.box, alarm.object.box);
    if (overlap < most) continue;
    most = overlap;
    there = &box;
  }
  if (there == nullptr) return "Nothing is labelled there.";
  return absl::StrFormat("What is there is labelled %s.",
                         report.dataset.classes[static_cast<size_t>(there->class_index)].name);
}

Html FalseAlarmCards(const ObjectReport& report, const std::vector<FalseDetection>& alarms) {
  std::vector<report::Mistake> shown;
  for (size_t i = 0; i < std::min(report::kMostMistakes, alarms.size()); ++i) {
    const DetectedObject& object = alarms[i].object;
    shown.push_back(CardOf(
        report, alarms[i].picture,
        {absl::StrFormat("A %s is seen at %.2f.",
                         report.dataset.classes[static_cast<size_t>(object.class_index)].name,
                         object.score),
         LabelledThere(report, alarms[i])}));
  }
  return report::MistakeCards(shown, alarms.size());
}

Html MissCards(const ObjectReport& report, const std::vector<MissedBox>& misses) {
  std::vector<report::Mistake> shown;
  for (size_t i = 0; i < std::min(report::kMostMistakes, misses.size()); ++i) {
    const MissedBox& miss = misses[i];
    const LabelledBox& box = report.judged[miss.picture].truth[miss.box];
    const FrameSize& size = report.dataset.pictures[miss.picture].size;
    const std::string found =
        miss.best_score > 0
            ? absl::StrFormat("the surest detection on it has %.2f", miss.best_score)
            : "no detection lies on it";
    shown.push_back(CardOf(
        report, miss.picture,
        {absl::StrFormat("A %s is missed, %d × %d pixels; %s.",
                         report.dataset.classes[static_cast<size_t>(box.class_index)].name,
                         static_cast<int>(box.box.width * static_cast<float>(size.width) + 0.5f),
                         static_cast<int>(box.box.height * static_cast<float>(size.height) + 0.5f),
                         found)}));
  }
  return report::MistakeCards(shown, misses.size());
}

Html MistakeSection(const ObjectReport& report, bool any_weapon) {
  const ObjectMistakes mistakes =
      FindMistakes(report.dataset.classes, report.judged, report.evaluation.threshold);
  return report::Section(
      "Worst mistakes",
      {Element("p",
               {absl::StrCat(any_weapon ? "Of weapons. " : "",
                             "Labels are thin white boxes, detections from the threshold on thick "
                             "orange ones with their score. One card a picture. Nobody's face is "
                             "looked for in these pictures, so none is blurred: look before you "
                             "send this page around.")}),
       Element("h3", {"False alarms: seen where it is not"}),
       FalseAlarmCards(report, mistakes.false_alarms),
       Element("h3", {{"class", "later"}}, {"Misses: labelled and not seen"}),
       MissCards(report, mistakes.misses)});
}

Html LeftOutSection(const Skipped& skipped) {
  const std::string text = skipped.Text();
  return report::Section(
      "What was left out",
      {Element("p", {text.empty() ? "Every picture and every box could be read." : text})});
}

}  // namespace

std::vector<size_t> PicturesOfMistakes(const std::vector<ObjectClass>& classes,
                                       const std::vector<JudgedPicture>& judged, double threshold) {
  const ObjectMistakes mistakes = FindMistakes(classes, judged, threshold);
  std::set<size_t> pictures;
  for (size_t i = 0; i < std::min(report::kMostMistakes, mistakes.false_alarms.size()); ++i) {
    pictures.insert(mistakes.false_alarms[i].picture);
  }
  for (size_t i = 0; i < std::min(report::kMostMistakes, mistakes.misses.size()); ++i) {
    pictures.insert(mistakes.misses[i].picture);
  }
  return {pictures.begin(), pictures.end()};
}

std::string ObjectPage(const ObjectReport& report, const report::Provenance& provenance) {
  const bool any_weapon = AnyWeapon(report);
  Html body = ClassSection(report.evaluation, any_weapon);
  body += MatrixSection(report);
  body += CurveSection(report, any_weapon);
  body += PictureSection(report, any_weapon);
  body += MistakeSection(report, any_weapon);
  body += LeftOutSection(report.dataset.skipped);
  return report::Page(
      absl::StrCat("Object detector: ", report.model.name, " ", report.model.version),
      absl::StrFormat("Looked at %d labelled pictures of %s, each by itself.",
                      report.evaluation.pictures, report.name),
      body, provenance);
}

}  // namespace aislewatch::object_training
