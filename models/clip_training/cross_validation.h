// Trains the same network several times, each time with another block of clips held out.
//
// Free of LibTorch. Stateless; not thread-safe, as TrainClassifier is not.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/clip_training/trainer.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::clip_training {

/// What held-out clips of one data set give, fold by fold.
struct FoldFigures {
  /// An entry per fold, in their order.
  std::vector<int> clips;
  std::vector<double> accuracy;
  std::vector<double> f1;
  std::vector<double> auc_roc;
};

/// By data set.
using CrossValidation = std::map<std::string, FoldFigures>;

/// Called after each fold, counted from 1.
using FoldDoneFn = std::function<void(int fold, const TrainingResult& result)>;

/// Where the model of a fold goes: "a/NAME/1" and 2 give "a/NAME-fold-2/1".
std::string FoldFolder(const std::string& out, int fold);

/// Trains `folds` times as `options` say, the K-th time with the K-th of `folds` blocks of each
/// class held out, and writes each model to FoldFolder(options.out, K); options.fold is not looked
/// at. With options.resume the folds that are done are only measured again, and the one that was
/// interrupted goes on. Fails as TrainClassifier does, naming the fold; INVALID_ARGUMENT for less
/// than 2 folds, or a data set in which a class has fewer clips than there are folds.
absl::StatusOr<CrossValidation> CrossValidate(TrainingOptions options, int folds,
                                              const ModelRepository& repository,
                                              PersonFinder& finder,
                                              const TrainingProgressFn& progress,
                                              const FoldDoneFn& fold_done);

/// {NAME: {"clips": [...], "accuracy": {"mean", "deviation", "folds"}, "f1", "auc_roc"}}.
nlohmann::json CrossValidationToJson(const CrossValidation& result);

}  // namespace aislewatch::clip_training
