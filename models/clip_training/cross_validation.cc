#include "models/clip_training/cross_validation.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/ranking/figures_json.h"

namespace aislewatch::clip_training {
namespace {

namespace fs = std::filesystem;

/// Before hours are spent on the folds that come first.
absl::Status CheckFolds(const TrainingOptions& options, int folds) {
  if (folds < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("cross-validation needs at least 2 folds, not ", folds));
  }
  for (const auto& [name, directory] : options.datasets) {
    AW_ASSIGN_OR_RETURN(const std::vector<ClipFile> clips, ListClips(name, directory));
    std::map<std::string, int> of_class;
    for (const ClipFile& clip : clips) ++of_class[clip.folder];
    for (const auto& [folder, count] : of_class) {
      if (count >= folds) continue;
      return absl::InvalidArgumentError(absl::StrCat(directory, "/", folder, " has ", count,
                                                     " clips, too few for ", folds,
                                                     " folds; add clips or ask for fewer folds"));
    }
  }
  return absl::OkStatus();
}

nlohmann::json FigureJson(const std::vector<double>& folds) {
  nlohmann::json json = ranking::SpreadJson(ranking::Summarize(folds));
  json["folds"] = folds;
  return json;
}

}  // namespace

std::string FoldFolder(const std::string& out, int fold) {
  fs::path path = fs::path(out).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // A trailing slash.
  const fs::path name = absl::StrCat(path.parent_path().filename().string(), "-fold-", fold);
  return (path.parent_path().parent_path() / name / path.filename()).string();
}

absl::StatusOr<CrossValidation> CrossValidate(TrainingOptions options, int folds,
                                              const ModelRepository& repository,
                                              PersonFinder& finder,
                                              const TrainingProgressFn& progress,
                                              const FoldDoneFn& fold_done) {
  AW_RETURN_IF_ERROR(ModelInfoOfFolder(options.out).status());
  AW_RETURN_IF_ERROR(CheckFolds(options, folds));
  const std::string out = options.out;
  const bool resume = options.resume;
  CrossValidation figures;
  for (int fold = 1; fold <= folds; ++fold) {
    options.fold = {fold, folds};
    options.out = FoldFolder(out, fold);
    // A fold that was not begun has nothing to go on from.
    options.resume = resume && fs::exists(fs::path(options.out) / "run" / "state.json");
    const auto result = TrainClassifier(options, repository, finder, progress);
    if (!result.ok()) return Annotate(result.status(), absl::StrCat("fold ", fold, " of ", folds));
    for (const auto& [dataset, evaluation] : result->test) {
      FoldFigures& own = figures[dataset];
      own.clips.push_back(evaluation.clips);
      own.accuracy.push_back(evaluation.accuracy);
      own.f1.push_back(evaluation.f1);
      own.auc_roc.push_back(evaluation.auc_roc);
    }
    fold_done(fold, *result);
  }
  return figures;
}

nlohmann::json CrossValidationToJson(const CrossValidation& result) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [dataset, figures] : result) {
    json[dataset] = {{"clips", figures.clips},
                     {"accuracy", FigureJson(figures.accuracy)},
                     {"f1", FigureJson(figures.f1)},
                     {"auc_roc", FigureJson(figures.auc_roc)}};
  }
  return json;
}

}  // namespace aislewatch::clip_training
