// From the scores of every crop of a clip to what the clip shows.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/roles/clip_classifier.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/metrics.h"

namespace aislewatch::clip_training {

/// Gathers scores track by track. A track's probabilities are averaged over its last five crops
/// (half a second), and a clip counts as showing an action as much as the most certain moment of
/// any of its tracks does. Plain value.
class ClipVerdict {
 public:
  /// The next score of a track, in the order of its crops.
  void Push(uint64_t track_id, const ActionScores& scores);
  /// Highest averaged probability that one of `actions` holds, over all tracks and moments; 0
  /// where nobody was found.
  float Peak(const ActionSet& actions) const;

 private:
  static constexpr size_t kAveraged = 5;

  std::map<uint64_t, std::deque<ActionScores>> recent_;
  // Every averaged moment of every track; a clip has some hundreds.
  std::vector<std::array<float, kActionCount>> moments_;
};

/// A labelled clip and what was made of it.
struct JudgedClip {
  ClipFile clip;
  ClipVerdict verdict;
};

/// Figures over clips of one data set.
struct Evaluation {
  int clips = 0;
  double accuracy = 0;
  /// Of the class that is not harmless; the mean over such classes where there are several.
  double f1 = 0;
  /// Likewise, each against the rest.
  double auc_roc = 0;
  /// Folder names, in the order of the confusion's rows and columns.
  std::vector<std::string> classes;
  /// [true][judged].
  Confusion confusion;
};

/// A clip is judged to be of the class with the highest peak if that is at least 0.5, otherwise
/// "normal" (or, in a set without such a folder, of the class with the highest peak anyway).
Evaluation Evaluate(const std::vector<JudgedClip>& clips);

/// {"clips", "accuracy", "f1", "auc_roc", "classes", "confusion"}.
nlohmann::json EvaluationToJson(const Evaluation& evaluation);

}  // namespace aislewatch::clip_training
