// aislewatch models train|evaluate pose-anomaly.

#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/cluster/local_cluster.h"
#include "cli/commands/commands.h"
#include "cli/commands/report_provenance.h"
#include "cli/console/progress.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "models/pose_anomaly/calibration/calibration.h"
#include "models/pose_anomaly/evaluation/evaluation_json.h"
#include "models/pose_anomaly/load.h"
#include "models/pose_anomaly/report/pose_anomaly_page.h"
#include "models/pose_anomaly/train.h"
#include "models/report/report_folder.h"

namespace aislewatch {
namespace {

using pose_anomaly::EvaluationReport;
using pose_anomaly::TestSet;

/// How scores are measured; the default is what the product gives.
struct MeasurementFlags {
  std::string protocol{"causal"};
  std::string parts{"both"};
};

/// The same, understood.
struct Measurement {
  pose_anomaly::ProtocolWords protocol;
  pose_anomaly::ScoringOptions scoring;

  bool AsInTheProduct() const {
    return protocol.causal() && scoring.parts == pose_anomaly::PostureParts::kBoth;
  }
};

struct TrainPoseAnomalyFlags {
  pose_anomaly::TrainingOptions training;
  MeasurementFlags measurement;
  std::string dataset;
  std::string out;
  int seeds = 1;
  std::string json;
  std::string data_note;
};

struct EvaluatePoseAnomalyFlags {
  std::string dataset;
  std::string model{kDefaultPoseAnomalyModel};
  std::string version;
  std::vector<std::string> repository;
  std::string json;
  std::string report;
  bool by_camera = false;
  MeasurementFlags measurement;
};

const std::map<std::string, pose_anomaly::PostureParts> kParts = {
    {"both", pose_anomaly::PostureParts::kBoth},
    {"rarity", pose_anomaly::PostureParts::kRarity},
    {"concealment", pose_anomaly::PostureParts::kConcealment}};

absl::StatusOr<Measurement> ToMeasurement(const MeasurementFlags& flags) {
  Measurement measurement;
  AW_ASSIGN_OR_RETURN(measurement.protocol, pose_anomaly::ParseProtocol(flags.protocol));
  measurement.scoring.parts = kParts.at(flags.parts);  // CLI11 has checked it
  measurement.scoring.calibrated = !measurement.protocol.raw;
  return measurement;
}

// Frames that a model of this manifest sees; posture scores a pose, not a window.
int WindowOf(const ModelManifest& manifest) {
  const auto window = manifest.options.find("window");
  return window != manifest.options.end() && window->is_number_integer() ? window->get<int>() : 1;
}

void AddMeasurementFlags(CLI::App* command, MeasurementFlags& flags) {
  command
      ->add_option("--protocol", flags.protocol,
                   "causal: as a camera can; published: as STG-NF's figures are, that is "
                   "raw,centred,smoothed; or some of raw (scores as the model computes them, no "
                   "ranks), centred (for the middle of a window), smoothed (over the clip, looking "
                   "ahead) and covered (only frames that have a score) with commas between")
      ->capture_default_str();
  command
      ->add_option("--parts", flags.parts,
                   "posture: both parts of the score, rarity alone or concealment alone")
      ->check(CLI::IsMember({"both", "rarity", "concealment"}))
      ->capture_default_str();
}

absl::Status WriteJson(const std::string& path, const nlohmann::json& json) {
  if (path.empty()) return absl::OkStatus();
  // Names of clips need not be UTF-8.
  return WriteFileAtomically(
      path, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// "0.738", or "0.738 ± 0.019" for several seeds; what no seed changes has no deviation.
std::string Figure(const nlohmann::json& report, const std::string& path) {
  const nlohmann::json::json_pointer pointer(path);
  if (!report.at(pointer).is_number()) return "-";
  const std::string mean = absl::StrFormat("%.3f", report.at(pointer).get<double>());
  if (!report.contains("seeds") || report.at("seeds").size() < 2 ||
      !report.at("deviation").contains(pointer)) {
    return mean;
  }
  return absl::StrFormat("%s ± %.3f", mean, report.at("deviation").at(pointer).get<double>());
}

void PrintReport(const nlohmann::json& report) {
  std::printf("%-16s %-16s %-16s %s\n", "", "AUC-ROC", "AP", "EER");
  for (const std::string frames : {"people_frames", "all_frames"}) {
    const std::string at = "/" + frames;
    // Column widths count bytes; the sign in a figure has two.
    std::printf("%-16s %-16s %-16s %s\n", frames.c_str(), Figure(report, at + "/auc_roc").c_str(),
                Figure(report, at + "/average_precision").c_str(),
                Figure(report, at + "/eer").c_str());
  }
  std::printf("AUC-ROC by track age %s, within a clip %s\n",
              Figure(report, "/age_stratified/auc_roc").c_str(),
              Figure(report, "/within_clip/auc_roc").c_str());
  for (const std::string control : {"track_age", "presence", "constant"}) {
    const std::string at = "/controls/" + control;
    std::printf(
        "control %s: AUC-ROC on people_frames %s, all_frames %s, by track age %s, within a clip "
        "%s\n",
        control.c_str(), Figure(report, at + "/auc_roc").c_str(),
        Figure(report, at + "/all_frames/auc_roc").c_str(),
        Figure(report, at + "/age_stratified/auc_roc").c_str(),
        Figure(report, at + "/within_clip/auc_roc").c_str());
  }
  std::printf("%.1f microseconds per pose\n", report.at("microseconds_per_pose").get<double>());
}

void WarnOfMissingFiles(const TestSet& set) {
  if (!set.without_mask.empty()) {
    std::fprintf(stderr, "left out, no mask in gt/test_frame_mask: %s\n",
                 absl::StrJoin(set.without_mask, ", ").c_str());
  }
  if (!set.without_poses.empty()) {
    std::fprintf(stderr, "left out, no poses in pose/test: %s\n",
                 absl::StrJoin(set.without_poses, ", ").c_str());
  }
}

// The command that gives the same weights again; folders are the reader's own.
std::string Command(const TrainPoseAnomalyFlags& flags) {
  const pose_anomaly::TrainingOptions& t = flags.training;
  std::string command =
      absl::StrCat("aislewatch models train pose-anomaly --architecture ", t.architecture,
                   " --dataset PoseLift --out NAME/VERSION --seed ", t.seed);
  if (t.architecture == "posture") {
    absl::StrAppend(&command, " --densities ", t.densities);
  } else {
    absl::StrAppend(&command, " --window ", t.window, " --epochs ", t.epochs, " --prior-mean ",
                    t.prior_mean);
  }
  return command;
}

// What it was fitted to and measured on, for the manifest.
std::string DataText(const TrainPoseAnomalyFlags& flags, size_t train_clips, size_t test_clips) {
  std::string text =
      absl::StrCat(flags.data_note.empty() ? "a data set in PoseLift's layout:" : flags.data_note,
                   " pose/train, ", train_clips, " clips");
  if (test_clips > 0) {
    absl::StrAppend(&text, "; metrics on ", test_clips, " clips of pose/test");
  }
  return text;
}

absl::StatusOr<pose_anomaly::TrainedScorer> TrainWithProgress(
    const std::vector<pose_anomaly::PoseClip>& clips,
    const pose_anomaly::TrainingOptions& options) {
  constexpr int kTicks = 1000;
  ProgressBar bar(absl::StrCat("training ", options.architecture, ", seed ", options.seed), kTicks);
  return pose_anomaly::TrainScorer(clips, options, [&](double done, absl::string_view what) {
    bar.Update(static_cast<int64_t>(done * kTicks), what);
  });
}

absl::Status Train(TrainPoseAnomalyFlags flags) {
  AW_ASSIGN_OR_RETURN(flags.training.info, ModelInfoOfFolder(flags.out));
  AW_ASSIGN_OR_RETURN(const Measurement measurement, ToMeasurement(flags.measurement));
  flags.training.scoring = measurement.scoring;
  AW_ASSIGN_OR_RETURN(const auto clips, pose_anomaly::ReadTrainingClips(flags.dataset));
  const absl::StatusOr<TestSet> set = pose_anomaly::ReadTestSet(flags.dataset);
  if (set.ok()) {
    WarnOfMissingFiles(*set);
  } else {
    std::fprintf(stderr, "not evaluated: %s\n", std::string(set.status().message()).c_str());
  }
  std::vector<EvaluationReport> reports;
  const uint64_t first_seed = flags.training.seed;
  for (int i = 0; i < flags.seeds; ++i) {
    flags.training.seed = first_seed + static_cast<uint64_t>(i);
    AW_ASSIGN_OR_RETURN(const auto trained, TrainWithProgress(clips, flags.training));
    std::optional<EvaluationReport> report;
    if (set.ok()) {
      AW_ASSIGN_OR_RETURN(
          report, pose_anomaly::EvaluatePoseAnomaly(
                      *trained.scorer, *set, measurement.protocol.For(WindowOf(trained.manifest))));
      reports.push_back(*report);
      // A manifest tells what the product gives.
      if (!measurement.AsInTheProduct()) report.reset();
    }
    if (i > 0) continue;  // the first seed's model is the one that is kept
    const ModelTraining training{DataText(flags, clips.size(), report ? set->clips.size() : 0),
                                 Command(flags), static_cast<int64_t>(flags.training.seed)};
    AW_RETURN_IF_ERROR(pose_anomaly::SaveScorer(trained, flags.out, training, report));
  }
  std::printf("wrote %s\n", flags.out.c_str());
  if (reports.empty()) return absl::OkStatus();
  const nlohmann::json json = pose_anomaly::EvaluationJson(reports, first_seed);
  PrintReport(json);
  return WriteJson(flags.json, json);
}

/// Each camera's ranks are those among its own training clips; of a camera without any, the
/// model's.
absl::StatusOr<EvaluationReport> EvaluateByCamera(std::shared_ptr<const PoseAnomalyScorer> scorer,
                                                  const std::string& dataset, const TestSet& set) {
  AW_ASSIGN_OR_RETURN(const auto clips, pose_anomaly::ReadTrainingClips(dataset));
  std::map<std::string, pose_anomaly::CameraCalibrator> calibrators;
  uint64_t track_id = 0;
  for (const pose_anomaly::PoseClip& clip : clips) {
    auto& calibrator =
        calibrators.try_emplace(pose_anomaly::CameraOf(clip.name), *scorer).first->second;
    for (const pose_anomaly::ClipTrack& track : clip.tracks) {
      ++track_id;
      for (const auto& pose : track.poses) calibrator.Push(track_id, pose_anomaly::ToSample(pose));
    }
  }
  std::map<std::string, std::unique_ptr<PoseAnomalyScorer>> scorers;
  for (const auto& [camera, calibrator] : calibrators) {
    AW_ASSIGN_OR_RETURN(auto calibration, calibrator.Finish(camera));
    std::printf("camera %s: calibrated on %d poses\n", camera.c_str(),
                static_cast<int>(calibration.poses));
    scorers[camera] = pose_anomaly::NewCalibratedScorer(scorer, std::move(calibration.normal));
  }
  return pose_anomaly::EvaluatePoseAnomaly(
      scorer->info(),
      [&](const pose_anomaly::PoseClip& clip) -> const PoseAnomalyScorer& {
        const auto found = scorers.find(pose_anomaly::CameraOf(clip.name));
        return found == scorers.end() ? *scorer : *found->second;
      },
      set);
}

absl::Status Evaluate(const EvaluatePoseAnomalyFlags& flags, const CommandContext& context) {
  AW_ASSIGN_OR_RETURN(const Measurement measurement, ToMeasurement(flags.measurement));
  if (!measurement.AsInTheProduct() && (flags.by_camera || !flags.report.empty())) {
    return absl::InvalidArgumentError(
        "--report and --calibrate-by-camera are for what the product gives; leave --protocol and "
        "--parts out, or take --json for their figures");
  }
  if (!flags.report.empty()) AW_RETURN_IF_ERROR(report::PrepareReportFolder(flags.report));
  const ModelRepository repository(flags.repository);
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(flags.model, flags.version));
  AW_ASSIGN_OR_RETURN(
      const std::shared_ptr<const PoseAnomalyScorer> scorer,
      LoadPoseAnomalyScorer(repository, flags.model, flags.version, measurement.scoring));
  AW_ASSIGN_OR_RETURN(const TestSet set, pose_anomaly::ReadTestSet(flags.dataset));
  WarnOfMissingFiles(set);
  AW_ASSIGN_OR_RETURN(const EvaluationReport evaluation,
                      flags.by_camera
                          ? EvaluateByCamera(scorer, flags.dataset, set)
                          : pose_anomaly::EvaluatePoseAnomaly(
                                *scorer, set, measurement.protocol.For(WindowOf(files.manifest))));
  const nlohmann::json json = pose_anomaly::EvaluationJson(evaluation);
  std::printf("%s %s on %d clips, %d poses\n", evaluation.model.name.c_str(),
              evaluation.model.version.c_str(), static_cast<int>(evaluation.clips),
              static_cast<int>(evaluation.poses));
  PrintReport(json);
  AW_RETURN_IF_ERROR(WriteJson(flags.json, json));
  if (flags.report.empty()) return absl::OkStatus();
  return report::WriteReport(
      flags.report, pose_anomaly::PoseAnomalyPage(
                        evaluation, set, MakeProvenance(context, repository, evaluation.model)));
}

}  // namespace

void AddTrainPoseAnomalyCommand(CLI::App& parent, CommandContext& context) {
  auto flags = std::make_shared<TrainPoseAnomalyFlags>();
  CLI::App* command =
      parent.add_subcommand("pose-anomaly", "Fits what tells unusual poses from normal shopping");
  command->footer(
      "Example:\n  aislewatch models train pose-anomaly --architecture posture --dataset PoseLift "
      "--out build/models/posture/2 --seed 0");
  pose_anomaly::TrainingOptions& training = flags->training;
  command->add_option("--architecture", training.architecture, "posture or stg_nf")
      ->check(CLI::IsMember({"posture", "stg_nf"}))
      ->capture_default_str();
  command
      ->add_option("--dataset", flags->dataset,
                   "Folder in PoseLift's layout: pose/train, and to evaluate pose/test and "
                   "gt/test_frame_mask")
      ->required();
  command->add_option("--out", flags->out, "Folder NAME/VERSION for the model")->required();
  command->add_option("--seed", training.seed, "Seed")->capture_default_str();
  command->add_option("--seeds", flags->seeds, "Train so many seeds; the first is kept")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command
      ->add_option("--densities", training.densities,
                   "posture: densities of poses, each blind to an equal part of the clips; 1 holds "
                   "back 30 %")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  command->add_option("--window", training.window, "stg_nf: frames of a window, a multiple of 4")
      ->capture_default_str();
  command->add_option("--epochs", training.epochs, "stg_nf: passes over the data")
      ->capture_default_str();
  command->add_option("--prior-mean", training.prior_mean, "stg_nf: mean of the prior")
      ->capture_default_str();
  command->add_option("--json", flags->json, "Write the figures on the test clips to this file");
  AddMeasurementFlags(command, flags->measurement);
  command->add_option("--data-note", flags->data_note,
                      "What the data set is and its licence, for the manifest");
  command->callback([&context, flags] { context.run = [flags] { return Train(*flags); }; });
}

void AddEvaluatePoseAnomalyCommand(CLI::App& parent, CommandContext& context) {
  auto flags = std::make_shared<EvaluatePoseAnomalyFlags>();
  flags->repository = DefaultModelRepositories(context.bin_dir);
  CLI::App* command = parent.add_subcommand(
      "pose-anomaly", "Measures how well a model ranks shoplifting above normal shopping");
  command->footer(
      "Example:\n  aislewatch models evaluate pose-anomaly --dataset PoseLift --json report.json "
      "--report build/reports/posture");
  command
      ->add_option("--dataset", flags->dataset,
                   "Folder in PoseLift's layout: pose/test and gt/test_frame_mask")
      ->required();
  command->add_option("--model", flags->model, "Name in the model repository")
      ->capture_default_str();
  command->add_option("--model-version", flags->version, "Its version; default the newest");
  command->add_option("--model-repository", flags->repository, "Folders with models")
      ->capture_default_str();
  command->add_flag("--calibrate-by-camera", flags->by_camera,
                    "Rank each camera's scores among those of its own clips in pose/train first");
  command->add_option("--json", flags->json, "Write the figures to this file");
  AddMeasurementFlags(command, flags->measurement);
  command->add_option("--report", flags->report,
                      "Write a page with curves, cameras and the worst mistakes to this folder");
  command->callback(
      [&context, flags] { context.run = [&context, flags] { return Evaluate(*flags, context); }; });
}

}  // namespace aislewatch
