#include "models/object_training/detection_metrics.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace aislewatch::object_training {
namespace {

enum class Verdict { kRight, kWrong, kNeither };

struct ScoredVerdict {
  float score = 0;
  Verdict verdict = Verdict::kWrong;
};

/// The verdicts on all detections of a class, best score first, and the number of boxes.
struct ClassVerdicts {
  std::vector<ScoredVerdict> verdicts;
  int boxes = 0;
};

void JudgeClass(const JudgedPicture& picture, int class_index, ClassVerdicts& out) {
  std::vector<DetectedObject> found;
  for (const DetectedObject& object : picture.found) {
    if (object.class_index == class_index) found.push_back(object);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<bool> taken(picture.truth.size(), false);
  for (const LabelledBox& box : picture.truth) {
    out.boxes += box.class_index == class_index && !box.ignored;
  }
  for (const DetectedObject& object : found) {
    float best = 0;
    size_t place = picture.truth.size();
    bool on_ignored = false;
    for (size_t i = 0; i < picture.truth.size(); ++i) {
      const LabelledBox& box = picture.truth[i];
      if (box.class_index != class_index) continue;
      const float overlap = IntersectionOverUnion(object.box, box.box);
      if (overlap < kRightOverlap) continue;
      if (box.ignored) {
        on_ignored = true;
      } else if (!taken[i] && overlap > best) {
        best = overlap;
        place = i;
      }
    }
    Verdict verdict = on_ignored ? Verdict::kNeither : Verdict::kWrong;
    if (place < picture.truth.size()) {
      taken[place] = true;
      verdict = Verdict::kRight;
    }
    out.verdicts.push_back({object.score, verdict});
  }
}

ClassVerdicts JudgeAll(absl::Span<const JudgedPicture> pictures, int class_index) {
  ClassVerdicts all;
  for (const JudgedPicture& picture : pictures) JudgeClass(picture, class_index, all);
  std::stable_sort(all.verdicts.begin(), all.verdicts.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return all;
}

std::optional<double> AveragePrecision(const ClassVerdicts& all) {
  if (all.boxes == 0) return std::nullopt;
  std::vector<double> precision;  // at each detection that is right
  int right = 0, wrong = 0;
  for (const ScoredVerdict& one : all.verdicts) {
    right += one.verdict == Verdict::kRight;
    wrong += one.verdict == Verdict::kWrong;
    if (one.verdict == Verdict::kRight) {
      precision.push_back(static_cast<double>(right) / (right + wrong));
    }
  }
  double sum = 0, highest = 0;
  for (size_t i = precision.size(); i-- > 0;) {
    highest = std::max(highest, precision[i]);
    sum += highest;
  }
  return sum / all.boxes;
}

Counts CountFrom(const ClassVerdicts& all, double threshold) {
  Counts counts;
  for (const ScoredVerdict& one : all.verdicts) {
    if (one.score < threshold) break;
    counts.right += one.verdict == Verdict::kRight;
    counts.wrong += one.verdict == Verdict::kWrong;
  }
  counts.missed = all.boxes - counts.right;
  return counts;
}

void Add(const Counts& more, Counts& sum) {
  sum.right += more.right;
  sum.wrong += more.wrong;
  sum.missed += more.missed;
}

double Ratio(int part, int whole) { return whole == 0 ? 0 : static_cast<double>(part) / whole; }

void CountFalseAlarm(const std::vector<ObjectClass>& classes, const JudgedPicture& picture,
                     double threshold, ObjectEvaluation& evaluation) {
  const auto is_weapon = [&](int class_index) {
    return classes[static_cast<size_t>(class_index)].weapon;
  };
  for (const LabelledBox& box : picture.truth) {
    if (is_weapon(box.class_index)) return;
  }
  FalseAlarms& count = picture.truth.empty() ? evaluation.nothing : evaluation.look_alikes;
  ++count.pictures;
  count.alarms +=
      std::any_of(picture.found.begin(), picture.found.end(), [&](const DetectedObject& object) {
        return is_weapon(object.class_index) && object.score >= threshold;
      });
}

nlohmann::json CountsToJson(const Counts& counts) {
  return {{"right", counts.right},           {"wrong", counts.wrong},     {"missed", counts.missed},
          {"precision", counts.precision()}, {"recall", counts.recall()}, {"f1", counts.f1()}};
}

}  // namespace

double Counts::precision() const { return Ratio(right, right + wrong); }
double Counts::recall() const { return Ratio(right, right + missed); }
double Counts::f1() const { return Ratio(2 * right, 2 * right + wrong + missed); }

ObjectEvaluation EvaluateDetections(const std::vector<ObjectClass>& classes,
                                    absl::Span<const JudgedPicture> pictures, double threshold) {
  ObjectEvaluation evaluation;
  evaluation.pictures = static_cast<int>(pictures.size());
  evaluation.threshold = threshold;
  int with_boxes = 0, weapons_with_boxes = 0;
  for (size_t c = 0; c < classes.size(); ++c) {
    const ClassVerdicts all = JudgeAll(pictures, static_cast<int>(c));
    ClassFigures figures{classes[c], all.boxes, AveragePrecision(all), CountFrom(all, threshold)};
    if (classes[c].weapon) Add(figures.counts, evaluation.weapons);
    if (figures.average_precision.has_value()) {
      ++with_boxes;
      evaluation.mean_average_precision += *figures.average_precision;
      if (classes[c].weapon) {
        ++weapons_with_boxes;
        evaluation.weapon_average_precision += *figures.average_precision;
      }
    }
    evaluation.classes.push_back(std::move(figures));
  }
  if (with_boxes > 0) evaluation.mean_average_precision /= with_boxes;
  if (weapons_with_boxes > 0) evaluation.weapon_average_precision /= weapons_with_boxes;
  for (const JudgedPicture& picture : pictures) {
    CountFalseAlarm(classes, picture, threshold, evaluation);
  }
  return evaluation;
}

double BestThreshold(const std::vector<ObjectClass>& classes,
                     absl::Span<const JudgedPicture> pictures) {
  const bool any_weapon =
      std::any_of(classes.begin(), classes.end(), [](const ObjectClass& c) { return c.weapon; });
  std::vector<ClassVerdicts> all;
  for (size_t c = 0; c < classes.size(); ++c) {
    if (classes[c].weapon || !any_weapon) all.push_back(JudgeAll(pictures, static_cast<int>(c)));
  }
  double best = 0.5, best_f1 = -1;
  for (int step = 1; step <= 19; ++step) {
    const double threshold = step * 0.05;
    Counts sum;
    for (const ClassVerdicts& one : all) Add(CountFrom(one, threshold), sum);
    if (sum.f1() < best_f1) continue;
    best_f1 = sum.f1();
    best = threshold;
  }
  return best;
}

nlohmann::json EvaluationToJson(const ObjectEvaluation& evaluation) {
  nlohmann::json classes = nlohmann::json::object();
  for (const ClassFigures& figures : evaluation.classes) {
    nlohmann::json one = CountsToJson(figures.counts);
    one["weapon"] = figures.object_class.weapon;
    one["boxes"] = figures.boxes;
    one["average_precision"] = figures.average_precision.has_value()
                                   ? nlohmann::json(*figures.average_precision)
                                   : nlohmann::json();
    classes[figures.object_class.name] = std::move(one);
  }
  const auto alarms = [](const FalseAlarms& count) {
    return nlohmann::json{{"pictures", count.pictures}, {"alarms", count.alarms}};
  };
  return {{"pictures", evaluation.pictures},
          {"iou", kRightOverlap},
          {"threshold", evaluation.threshold},
          {"mean_average_precision", evaluation.mean_average_precision},
          {"weapon_average_precision", evaluation.weapon_average_precision},
          {"weapons", CountsToJson(evaluation.weapons)},
          {"look_alikes_only", alarms(evaluation.look_alikes)},
          {"nothing", alarms(evaluation.nothing)},
          {"classes", std::move(classes)}};
}

}  // namespace aislewatch::object_training
