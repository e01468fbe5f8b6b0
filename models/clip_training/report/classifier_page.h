// An evaluation of clips as a page to read: `aislewatch models evaluate classifier --report`.
//
// Stateless and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/roles/model_info.h"
#include "models/clip_training/clip_verdict.h"
#include "models/report/page.h"

namespace aislewatch::clip_training {

struct ClassifierReport {
  /// What the data set is called.
  std::string dataset;
  ModelInfo model;
  std::vector<JudgedClip> clips;
  /// JPEG of each clip's ShownMoment; empty where there is none.
  std::vector<std::string> pictures;
  std::vector<SkippedClip> skipped;
  /// Evaluate(clips).
  Evaluation evaluation;
};

/// The moment that decides whether a clip is a mistake: of a harmless clip the one that looks most
/// like concealing or fighting, of any other the one that shows best what its label says. Nothing
/// where nobody was found.
std::optional<Moment> ShownMoment(const JudgedClip& judged);

std::string ClassifierPage(const ClassifierReport& report, const report::Provenance& provenance);

}  // namespace aislewatch::clip_training
