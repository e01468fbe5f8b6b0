// How well fights are told on clips that were not learnt from.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/pose_fighting/clip_poses.h"
#include "models/pose_fighting/judging_ways.h"
#include "models/ranking/bootstrap.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::pose_fighting {

/// A way to judge clips, and how good it is over the folds. 0.5 decides.
struct JudgedWay {
  std::string name;
  ranking::MeanAndDeviation accuracy;
  /// Of fights.
  ranking::MeanAndDeviation f1;
  ranking::MeanAndDeviation auc_roc;
  /// Of all folds together, among the clips in which poses have somebody, or a pair, to judge by.
  double auc_of_seen = 0;
  double auc_of_paired = 0;
  /// Of each clip, by what was fitted to the folds that it is not in.
  std::vector<ClipScore> scores;
  /// 95 % intervals of figures of all folds together where clips are drawn with replacement, with
  /// what was fitted as it is; nothing where a figure is not defined.
  struct Intervals {
    std::optional<ranking::Interval> accuracy;
    std::optional<ranking::Interval> auc_roc;
    std::optional<ranking::Interval> auc_of_paired;
  } bootstrap = {};
};

struct CrossValidation {
  int clips = 0;
  int fights = 0;
  int folds = 0;
  /// Of each clip, from 0 on.
  std::vector<int> fold;
  /// Clips in which somebody, and in which a pair within reach, was found for long enough.
  int seen = 0;
  int paired = 0;
  /// In the order of WaysToJudge.
  std::vector<JudgedWay> ways;
};

/// Splits both kinds of clips, in their order, into `folds` blocks of neighbours, and judges each
/// block by what was fitted to the others. INVALID_ARGUMENT unless there are at least 2 folds and
/// as many clips of both kinds.
absl::StatusOr<CrossValidation> CrossValidate(const std::vector<PosedClip>& clips, int folds);

nlohmann::json CrossValidationToJson(const CrossValidation& result);

}  // namespace aislewatch::pose_fighting
