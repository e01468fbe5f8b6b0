// An evaluation of an object detector as a page to read: `aislewatch models evaluate object
// --report`.
//
// Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "common/roles/model_info.h"
#include "models/object_training/coco.h"
#include "models/object_training/detection_metrics.h"
#include "models/report/page.h"

namespace aislewatch::object_training {

struct ObjectReport {
  /// What the data set is called.
  std::string name;
  ModelInfo model;
  ObjectDataset dataset;
  /// Of each of the data set's pictures.
  std::vector<JudgedPicture> judged;
  /// EvaluateDetections(judged).
  ObjectEvaluation evaluation;
  /// JPEG (DetectionPicture) of each of PicturesOfMistakes; empty for all others.
  std::vector<std::string> pictures;
};

/// Indices, rising, of the pictures that the page shows: the worst false alarms and misses at the
/// threshold, of weapons where there are such classes, otherwise of all.
std::vector<size_t> PicturesOfMistakes(const std::vector<ObjectClass>& classes,
                                       const std::vector<JudgedPicture>& judged, double threshold);

std::string ObjectPage(const ObjectReport& report, const report::Provenance& provenance);

}  // namespace aislewatch::object_training
