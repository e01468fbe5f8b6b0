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

namespace aislewatch::object_training {

/// A detection is right where it overlaps a box of its class by so much (intersection over union).
inline constexpr float kRightOverlap = 0.5f;

/// What is true of a picture and what was found in it.
struct JudgedPicture {
  std::vector<LabelledBox> truth;
  std::vector<DetectedObject> found;
};

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

/// `classes` are what class indices of truths and detections mean. Detections are taken best score
/// first; each takes the box of its class that it overlaps most, of those that nothing has taken,
/// where that is kRightOverlap or more. One that then overlaps an ignored box of its class by so
/// much counts nothing, any other is wrong.
ObjectEvaluation EvaluateDetections(const std::vector<ObjectClass>& classes,
                                    absl::Span<const JudgedPicture> pictures, double threshold);

/// The threshold of 0.05, 0.1, ... 0.95 with the highest F1 over weapons, or over all classes where
/// none is one; of equals the highest.
double BestThreshold(const std::vector<ObjectClass>& classes,
                     absl::Span<const JudgedPicture> pictures);

nlohmann::json EvaluationToJson(const ObjectEvaluation& evaluation);

}  // namespace aislewatch::object_training
