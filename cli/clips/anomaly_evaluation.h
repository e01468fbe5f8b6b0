// How a pose anomaly scorer does on recorded clips: how well it ranks them where their folders say
// what they show, how its scores are spread where nothing does.
//
// Stateless and thread-safe.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/clips/clip_anomaly.h"
#include "models/clip_training/clip_files.h"
#include "models/ranking/bootstrap.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch {

struct ScoredClip {
  clip_training::ClipFile clip;
  ClipAnomaly anomaly;
};

/// A clip is positive unless its class is harmless.
bool IsPositive(const ScoredClip& clip);

/// Ways to score a clip as a whole.
enum class ClipWay { kMean, kPeak, kFramesWithPeople };
inline constexpr std::array<ClipWay, 3> kClipWays = {ClipWay::kMean, ClipWay::kPeak,
                                                     ClipWay::kFramesWithPeople};

/// "mean", "peak", "control_frames_with_people".
std::string NameOf(ClipWay way);

/// A clip without a score is below all others, at -1.
float ScoreBy(ClipWay way, const ScoredClip& clip);
std::vector<ranking::ScoredItem> ItemsBy(ClipWay way, const std::vector<ScoredClip>& clips);

struct ClipWayFigures {
  double auc_roc = 0;
  double average_precision = 0;
  /// 95 %, by drawing clips with replacement.
  std::optional<ranking::Interval> bootstrap;
};

struct LabelledEvaluation {
  int positives = 0;
  /// By kClipWays.
  std::array<ClipWayFigures, kClipWays.size()> ways;
  /// Of the mean: with the highest F1 on these very clips, but at least 0.
  double threshold = 0;
};

/// Nothing where there are only positive clips, or none: then there is nothing to rank.
std::optional<LabelledEvaluation> EvaluateLabelled(const std::vector<ScoredClip>& clips);

/// Of frames, each with the highest score of anybody in it.
struct FootageFigures {
  static constexpr std::array<double, 7> kQuantiles = {0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
  static constexpr std::array<double, 2> kHigh = {0.83, 0.95};

  int frames = 0;
  int frames_with_people = 0;
  int frames_with_score = 0;
  /// By kQuantiles, linear between neighbours; 0 without a score.
  std::array<double, kQuantiles.size()> quantiles{};
  /// By kHigh: share of the frames with a score that are above it.
  std::array<double, kHigh.size()> share_above{};
};

FootageFigures MeasureFootage(const std::vector<ScoredClip>& clips);

nlohmann::json LabelledToJson(const LabelledEvaluation& evaluation);
/// With the figures of each clip in "by_clip".
nlohmann::json FootageToJson(const std::vector<ScoredClip>& clips);

}  // namespace aislewatch
