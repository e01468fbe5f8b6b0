// How well detections fit labelled boxes.
//
// Plain values and pure functions; no LibTorch.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/roles/object_detector.h"
#include "models/object_training/coco.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::object_training {

/// A detection is right where it overlaps a box of its class by so much (intersection over union).
inline constexpr float kRightOverlap = 0.5f;

/// What is true of a picture and what was found in it.
struct JudgedPicture {
  std::vector<LabelledBox> truth;
  std::vector<DetectedObject> found;
};

/// kNeither: it lies on an ignored box.
enum class Verdict { kRight, kWrong, kNeither };

struct JudgedDetection {
  DetectedObject object;
  Verdict verdict = Verdict::kWrong;
  /// Index of its picture, and, of a right one, of the box that it takes there.
  size_t picture = 0;
  size_t box = 0;
};

/// All detections of a class, best score first.
struct ClassVerdicts {
  std::vector<JudgedDetection> detections;
  /// Boxes, without ignored ones.
  int boxes = 0;
};

/// Detections are taken picture by picture, best score first; each takes the box of its class that
/// it overlaps most, of those that nothing has taken, where that is kRightOverlap or more. One that
/// then overlaps an ignored box of its class by so much counts nothing, any other is wrong.
ClassVerdicts JudgeClass(absl::Span<const JudgedPicture> pictures, int class_index);

/// (recall, precision made falling), recall rising, as steps: the area below is the average
/// precision. Empty where there are no boxes.
std::vector<ranking::CurvePoint> PrecisionRecallCurve(const ClassVerdicts& verdicts);

/// What boxes were taken for from `threshold` on: [class of the box][class of the detection], the
/// background last in both. Here a detection takes the box that it overlaps most whatever the
/// classes, best score first; a box that none takes was taken for background, a detection that
/// takes none, and lies on no ignored box, sees something in the background. Background taken for
/// background cannot be counted and is -1.
std::vector<std::vector<int>> ConfuseClasses(size_t classes,
                                             absl::Span<const JudgedPicture> pictures,
                                             double threshold);

/// What was found from a score on.
struct Counts {
  int right = 0;
  int wrong = 0;
  int missed = 0;

  /// 0 where there is nothing to divide by.
  double precision() const;
  double recall() const;
  double f1() const;
};

struct ClassFigures {
  ObjectClass object_class;
  /// Boxes, without ignored ones.
  int boxes = 0;
  /// Area under the precision-recall curve, precision made falling (as in PASCAL VOC from 2010 on);
  /// nothing where there are no boxes.
  std::optional<double> average_precision;
  /// At the threshold.
  Counts counts;
};

/// Pictures without weapons, and in how many of them a weapon is seen all the same.
struct FalseAlarms {
  int pictures = 0;
  int alarms = 0;
};

struct ObjectEvaluation {
  int pictures = 0;
  double threshold = 0;
  std::vector<ClassFigures> classes;
  /// Over the classes that have boxes, and over the weapons among them; 0 where there is none.
  double mean_average_precision = 0;
  double weapon_average_precision = 0;
  /// Sum over weapons, at the threshold.
  Counts weapons;
  /// Without a weapon, but with something that may look like one, and without either.
  FalseAlarms look_alikes;
  FalseAlarms nothing;
};

/// `classes` are what class indices of truths and detections mean; see JudgeClass.
ObjectEvaluation EvaluateDetections(const std::vector<ObjectClass>& classes,
                                    absl::Span<const JudgedPicture> pictures, double threshold);

/// The threshold of 0.05, 0.1, ... 0.95 with the highest F1 over weapons, or over all classes where
/// none is one; of equals the highest.
double BestThreshold(const std::vector<ObjectClass>& classes,
                     absl::Span<const JudgedPicture> pictures);

nlohmann::json EvaluationToJson(const ObjectEvaluation& evaluation);

}  // namespace aislewatch::object_training
