#include "models/pose_anomaly/train.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/pose_anomaly/posture/posture_weights.h"
#include "models/pose_anomaly/stg_nf/fit_stg_nf.h"
#include "models/pose_anomaly/stg_nf/pose_windows.h"
#include "models/pose_anomaly/stg_nf/stg_nf_scorer.h"
#include "models/pose_anomaly/stg_nf/stg_nf_weights.h"

namespace aislewatch::pose_anomaly {
namespace {

ModelManifest Manifest(const TrainingOptions& options, absl::string_view architecture) {
  ModelManifest manifest;
  manifest.info = options.info;
  manifest.role = ModelRole::kPoseAnomaly;
  manifest.architecture = std::string(architecture);
  return manifest;
}

absl::StatusOr<TrainedScorer> TrainPosture(const std::vector<PoseClip>& clips,
                                           const TrainingOptions& options,
                                           const TrainingProgress& progress) {
  PostureFitOptions fit;
  fit.seed = options.seed;
  fit.densities = options.densities;
  AW_ASSIGN_OR_RETURN(FittedPosture result, FitPosture(clips, fit, progress));
  auto fitted = std::make_shared<const FittedPosture>(std::move(result));
  TrainedScorer trained;
  trained.scorer =
      NewPostureScorer(fitted->model, fitted->calibration, options.info, options.scoring);
  trained.manifest = Manifest(options, kPostureArchitecture);
  trained.manifest.input.size = {kJointCount, 2};
  trained.save_weights = [fitted](const std::string& folder) {
    return SavePosture(*fitted, folder);
  };
  return trained;
}

absl::StatusOr<TrainedScorer> TrainStgNf(const std::vector<PoseClip>& clips,
                                         const TrainingOptions& options,
                                         const TrainingProgress& progress) {
  StgNfFitOptions fit;
  fit.seed = options.seed;
  fit.epochs = options.epochs;
  fit.flow.window = options.window;
  fit.flow.prior_mean = options.prior_mean;
  AW_ASSIGN_OR_RETURN(FittedStgNf result, FitStgNf(clips, fit, progress));
  auto fitted = std::make_shared<const FittedStgNf>(std::move(result));
  TrainedScorer trained;
  AW_ASSIGN_OR_RETURN(trained.scorer, NewStgNfScorer(fitted->flow, fitted->calibration,
                                                     options.info, options.scoring));
  trained.manifest = Manifest(options, kStgNfArchitecture);
  trained.manifest.options = StgNfManifestOptions(fit.flow);
  trained.manifest.input.size = {kStgChannels, options.window, kStgJoints};
  trained.save_weights = [fitted](const std::string& folder) { return SaveStgNf(*fitted, folder); };
  return trained;
}

std::map<std::string, double> Metrics(const EvaluationReport& report) {
  std::map<std::string, double> metrics;
  if (const auto& interval = report.bootstrap.people_frames.auc_roc) {
    metrics = {{"bootstrap_95_low", interval->low}, {"bootstrap_95_high", interval->high}};
  }
  for (const auto& [name, set] : {std::pair{"people_frames", &report.score.people_frames},
                                  std::pair{"all_frames", &report.score.all_frames}}) {
    metrics[absl::StrCat(name, "_auc_roc")] = set->metrics.auc_roc;
    metrics[absl::StrCat(name, "_average_precision")] = set->metrics.average_precision;
    metrics[absl::StrCat(name, "_eer")] = set->metrics.eer;
  }
  if (report.score.age_stratified) metrics["age_stratified_auc_roc"] = *report.score.age_stratified;
  if (report.score.within_clip) metrics["within_clip_auc_roc"] = *report.score.within_clip;
  metrics["clips"] = static_cast<double>(report.clips);
  return metrics;
}

}  // namespace

absl::StatusOr<TrainedScorer> TrainScorer(const std::vector<PoseClip>& clips,
                                          const TrainingOptions& options,
                                          const TrainingProgress& progress) {
  if (options.architecture == kPostureArchitecture) return TrainPosture(clips, options, progress);
  if (options.architecture == kStgNfArchitecture) return TrainStgNf(clips, options, progress);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown architecture '", options.architecture, "'; take posture or stg_nf"));
}

absl::Status SaveScorer(const TrainedScorer& trained, const std::string& folder,
                        const ModelTraining& training,
                        const std::optional<EvaluationReport>& report) {
  ModelManifest manifest = trained.manifest;
  AW_ASSIGN_OR_RETURN(manifest.info, ModelInfoOfFolder(folder));
  manifest.licence = "Apache-2.0";
  manifest.training = training;
  if (report) manifest.metrics = Metrics(*report);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat(folder, ": cannot be made: ", error.message()));
  }
  AW_RETURN_IF_ERROR(trained.save_weights(folder));
  return WriteManifest(folder, std::move(manifest));
}

}  // namespace aislewatch::pose_anomaly
