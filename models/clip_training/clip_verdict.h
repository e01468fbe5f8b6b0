// From the scores of every crop of a clip to what the clip shows.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/roles/clip_classifier.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/metrics.h"
#include "models/ranking/bootstrap.h"

namespace aislewatch::clip_training {

/// A track's probabilities at one moment, averaged over its last five crops.
struct Moment {
  std::array<float, kActionCount> probability{};
  uint64_t track_id = 0;
  /// Index of the frame of the last of these crops.
  size_t frame = 0;

  /// Probability that one of `actions` holds.
  float Of(const ActionSet& actions) const;
};

/// Gathers scores track by track. A track's probabilities are averaged over its last five crops
/// (half a second), and a clip counts as showing an action as much as the most certain moment of
/// any of its tracks does. Plain value.
class ClipVerdict {
 public:
  /// The next score of a track, in the order of its crops. `frame` is where the crop was taken;
  /// only PeakMoment tells it.
  void Push(uint64_t track_id, const ActionScores& scores, size_t frame = 0);
  /// Highest averaged probability that one of `actions` holds, over all tracks and moments; 0
  /// where nobody was found.
  float Peak(const ActionSet& actions) const;
  /// The first moment that reaches Peak; nothing where nobody was found.
  std::optional<Moment> PeakMoment(const ActionSet& actions) const;
  /// Whether nobody was followed for half a second, so that every peak is 0.
  bool saw_nobody() const { return moments_.empty(); }

 private:
  static constexpr size_t kAveraged = 5;

  std::map<uint64_t, std::deque<ActionScores>> recent_;
  // Every averaged moment of every track; a clip has some hundreds.
  std::vector<Moment> moments_;
};

/// A labelled clip and what was made of it.
struct JudgedClip {
  ClipFile clip;
  ClipVerdict verdict;
};

/// 95 % intervals when clips are drawn with replacement; nothing where a figure is not defined.
struct EvaluationIntervals {
  std::optional<ranking::Interval> accuracy;
  std::optional<ranking::Interval> f1;
  std::optional<ranking::Interval> auc_roc;
};

/// Of one class against all others.
struct ClassFigures {
  int clips = 0;
  /// Nothing where no clip was judged to be of it.
  std::optional<double> precision;
  /// Nothing where there is no clip of it.
  std::optional<double> recall;
  double f1 = 0;
  /// Nothing unless there are clips of it and others.
  std::optional<double> auc_roc;
  std::optional<double> average_precision;
};

/// Whether a clip shows that something is concealed, wherever: a set's classes put together.
struct ShopliftingFigures {
  /// `clips` are those that show it.
  ClassFigures figures;
  int other_clips = 0;
  double accuracy = 0;
  EvaluationIntervals bootstrap;
};

/// What became of one clip.
struct ClipOutcome {
  /// Indices of classes.
  size_t truth = 0;
  size_t judged = 0;
  /// Peak of each class.
  std::vector<float> peaks;
};

/// Figures over clips of one data set.
struct Evaluation {
  int clips = 0;
  /// Those of them that saw nobody: judged normal, unless the set has no such class.
  int clips_without_people = 0;
  double accuracy = 0;
  /// Of the class that is not harmless; the mean over such classes where there are several.
  double f1 = 0;
  /// Likewise, each against the rest.
  double auc_roc = 0;
  EvaluationIntervals bootstrap;
  /// Folder names, in the order of the confusion's rows and columns.
  std::vector<std::string> classes;
  /// [true][judged].
  Confusion confusion;
  /// By class.
  std::vector<ClassFigures> by_class;
  /// Nothing unless some clips show it and some do not.
  std::optional<ShopliftingFigures> shoplifting;
  /// By clip.
  std::vector<ClipOutcome> outcomes;
};

/// A class is alarming unless it is called "normal"; those count in F1 and AUC.
bool IsAlarming(const std::string& folder);

/// A clip is judged to be of the class with the highest peak if that is at least 0.5, otherwise
/// "normal" (or, in a set without such a folder, of the class with the highest peak anyway). It
/// shows shoplifting if the peak of both concealing actions together is at least 0.5.
Evaluation Evaluate(const std::vector<JudgedClip>& clips);

/// {"clips", "clips_without_people", "accuracy", "f1", "auc_roc", "bootstrap", "classes",
/// "confusion", "by_class", "shoplifting"}; null stands for what is not defined.
nlohmann::json EvaluationToJson(const Evaluation& evaluation);

}  // namespace aislewatch::clip_training
