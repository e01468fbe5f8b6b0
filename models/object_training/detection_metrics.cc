#include "models/object_training/detection_metrics.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace aislewatch::object_training {
namespace {

bool ByFallingScore(const DetectedObject& a, const DetectedObject& b) { return a.score > b.score; }

/// The box that `object` takes, of those that it may.
struct Taken {
  std::optional<size_t> box;
  bool on_ignored = false;
};

/// The best overlap of `object` with the boxes of `truth` that are not taken and that `fits` lets
/// through.
template <class Fits>
Taken TakeBox(const DetectedObject& object, const std::vector<LabelledBox>& truth,
              std::vector<bool>& taken, const Fits& fits) {
  Taken result;
  float best = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (!fits(truth[i])) continue;
    const float overlap = IntersectionOverUnion(object.box, truth[i].box);
    if (overlap < kRightOverlap) continue;
    if (truth[i].ignored) {
      result.on_ignored = true;
    } else if (!taken[i] && overlap > best) {
      best = overlap;
      result.box = i;
    }
  }
  if (result.box) taken[*result.box] = true;
  return result;
}

void JudgePicture(const JudgedPicture& picture, size_t index, int class_index, ClassVerdicts& out) {
  std::vector<DetectedObject> found;
  for (const DetectedObject& object : picture.found) {
    if (object.class_index == class_index) found.push_back(object);
  }
  std::stable_sort(found.begin(), found.end(), ByFallingScore);
  const auto of_class = [&](const LabelledBox& box) { return box.class_index == class_index; };
  for (const LabelledBox& box : picture.truth) out.boxes += of_class(box) && !box.ignored;
  std::vector<bool> taken(picture.truth.size(), false);
  for (const DetectedObject& object : found) {
    const Taken took = TakeBox(object, picture.truth, taken, of_class);
    const Verdict verdict = took.box          ? Verdict::kRight
                            : took.on_ignored ? Verdict::kNeither
                                              : Verdict::kWrong;
    out.detections.push_back({object, verdict, index, took.box.value_or(0)});
  }
}

/// Precision at each right detection, made falling.
std::vector<double> FallingPrecision(const ClassVerdicts& all) {
  std::vector<double> precision;
  int right = 0, wrong = 0;
  for (const JudgedDetection& one : all.detections) {
    right += one.verdict == Verdict::kRight;
    wrong += one.verdict == Verdict::kWrong;
    if (one.verdict == Verdict::kRight) {
      precision.push_back(static_cast<double>(right) / (right + wrong));
    }
  }
  double highest = 0;
  for (size_t i = precision.size(); i-- > 0;) {
    highest = std::max(highest, precision[i]);
    precision[i] = highest;
  }
  return precision;
}

std::optional<double> AveragePrecision(const ClassVerdicts& all) {
  if (all.boxes == 0) return std::nullopt;
  double sum = 0;
  for (const double precision : FallingPrecision(all)) sum += precision;
  return sum / all.boxes;
}

Counts CountFrom(const ClassVerdicts& all, double threshold) {
  Counts counts;
  for (const JudgedDetection& one : all.detections) {
    if (one.object.score < threshold) break;
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

ClassVerdicts JudgeClass(absl::Span<const JudgedPicture> pictures, int class_index) {
  ClassVerdicts all;
  for (size_t i = 0; i < pictures.size(); ++i) JudgePicture(pictures[i], i, class_index, all);
  std::stable_sort(all.detections.begin(), all.detections.end(),
                   [](const auto& a, const auto& b) { return ByFallingScore(a.object, b.object); });
  return all;
}

std::vector<ranking::CurvePoint> PrecisionRecallCurve(const ClassVerdicts& verdicts) {
  std::vector<ranking::CurvePoint> curve;
  if (verdicts.boxes == 0) return curve;
  double recall = 0;
  for (const double precision : FallingPrecision(verdicts)) {
    curve.push_back({recall, precision});
    recall += 1.0 / verdicts.boxes;
    curve.push_back({recall, precision});
  }
  // What is never found.
  curve.push_back({recall, 0});
  curve.push_back({1, 0});
  return curve;
}

std::vector<std::vector<int>> ConfuseClasses(size_t classes,
                                             absl::Span<const JudgedPicture> pictures,
                                             double threshold) {
  const size_t background = classes;
  std::vector<std::vector<int>> counts(classes + 1, std::vector<int>(classes + 1, 0));
  for (const JudgedPicture& picture : pictures) {
    std::vector<DetectedObject> found = picture.found;
    std::stable_sort(found.begin(), found.end(), ByFallingScore);
    std::vector<bool> taken(picture.truth.size(), false);
    for (const DetectedObject& object : found) {
      if (object.score < threshold) break;
      const Taken took =
          TakeBox(object, picture.truth, taken, [](const LabelledBox&) { return true; });
      if (!took.box && took.on_ignored) continue;
      const size_t truth =
          took.box ? static_cast<size_t>(picture.truth[*took.box].class_index) : background;
      ++counts[truth][static_cast<size_t>(object.class_index)];
    }
    for (size_t i = 0; i < picture.truth.size(); ++i) {
      const LabelledBox& box = picture.truth[i];
      if (!taken[i] && !box.ignored) ++counts[static_cast<size_t>(box.class_index)][background];
    }
  }
  counts[background][background] = -1;
  return counts;
}

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
    const ClassVerdicts all = JudgeClass(pictures, static_cast<int>(c));
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
    if (classes[c].weapon || !any_weapon) all.push_back(JudgeClass(pictures, static_cast<int>(c)));
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
