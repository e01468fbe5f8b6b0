// aislewatch models train fighting, aislewatch models evaluate fighting.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/clips/clip_flags.h"
#include "cli/clips/clip_people.h"
#include "cli/commands/commands.h"
#include "cli/commands/report_provenance.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/clip_training/report/moment_picture.h"
#include "models/picture_movement/movement_scores.h"
#include "models/pose_fighting/cross_validation.h"
#include "models/pose_fighting/false_alarms.h"
#include "models/pose_fighting/pair_scorer.h"
#include "models/pose_fighting/report/fighting_page.h"
#include "models/report/page.h"
#include "models/report/report_folder.h"

namespace aislewatch {
namespace {

using clip_training::ClipFile;
using pose_fighting::CrossValidation;
using pose_fighting::OrdinaryFigures;
using pose_fighting::PosedClip;

struct FightingFlags {
  ClipClusterFlags shared;
  std::string dataset;
  int folds = 5;
  std::string json;
  /// evaluate only.
  std::string report;
  std::string ordinary;
  /// train only.
  std::string out;
  std::string data_note;
};

absl::StatusOr<std::vector<ClipFile>> ListFights(const std::string& dataset) {
  AW_ASSIGN_OR_RETURN(std::vector<ClipFile> files, clip_training::ListClips("fights", dataset));
  // Before people are looked for in hundreds of clips.
  AW_RETURN_IF_ERROR(Annotate(clip_training::RequireSeveralClasses(files), dataset));
  return files;
}

/// Every clip as the poses that the pose service finds in it.
absl::StatusOr<std::vector<PosedClip>> FollowClips(const std::vector<ClipFile>& files,
                                                   ClipPeople& found) {
  std::vector<PosedClip> clips;
  AW_RETURN_IF_ERROR(found.ForEach(files, [&](const auto& file, auto frames, const auto& people) {
    clips.push_back(pose_fighting::FollowClip(file, frames, people));
    clips.back().movement = picture_movement::MeasureClip(
        picture_movement::MeasureMovement(frames, pose_fighting::kLooksAt));
    return absl::OkStatus();
  }));
  return clips;
}

/// The frame of `at` with everybody found in it.
absl::StatusOr<std::string> PictureAt(absl::Time at, absl::Span<const CapturedFrame> frames,
                                      const clip_training::PeopleByFrame& people) {
  for (size_t f = 0; f < frames.size(); ++f) {
    if (frames[f].capture_time != at) continue;
    std::vector<uint64_t> everybody;
    for (const auto& person : people[f]) everybody.push_back(person.track_id);
    return clip_training::MomentPicture(frames[f], people[f], everybody);
  }
  return absl::InternalError("the clip has other frames than before");
}

/// Reads the worst mistakes' clips once more; their people are remembered.
absl::Status AddPictures(const std::vector<ClipFile>& files, ClipPeople& found,
                         pose_fighting::FightingReport& report) {
  report.pictures.assign(report.clips.size(), "");
  std::map<std::string, size_t> wanted;
  for (const size_t i : pose_fighting::PicturedClips(report.clips, report.result)) {
    if (report.result.ways[0].scores[i].at) wanted[report.clips[i].path] = i;
  }
  std::vector<ClipFile> again;
  for (const ClipFile& file : files) {
    if (wanted.count(file.path) > 0) again.push_back(file);
  }
  return found.ForEach(
      again, [&](const auto& file, auto frames, const auto& people) -> absl::Status {
        const size_t i = wanted[file.path];
        AW_ASSIGN_OR_RETURN(report.pictures[i],
                            PictureAt(*report.result.ways[0].scores[i].at, frames, people));
        return absl::OkStatus();
      });
}

void PrintFigures(const CrossValidation& result) {
  std::printf("%d clips, %d of them fights, %d folds of neighbouring clips\n", result.clips,
              result.fights, result.folds);
  std::printf("AUC also among the %d clips with somebody and the %d with a pair to judge by\n",
              result.seen, result.paired);
  std::printf("%-26s %-15s %-15s %-15s %-7s %-7s %s\n", "judged by", "accuracy", "F1", "AUC",
              "seen", "paired", "95 % over clips: accuracy, AUC, paired");
  for (const pose_fighting::JudgedWay& way : result.ways) {
    std::printf("%-26s", way.name.c_str());
    for (const ranking::MeanAndDeviation& s : {way.accuracy, way.f1, way.auc_roc}) {
      std::printf(" %.3f +- %.3f ", s.mean, s.deviation);
    }
    std::printf(" %.3f   %.3f ", way.auc_of_seen, way.auc_of_paired);
    for (const auto& interval :
         {way.bootstrap.accuracy, way.bootstrap.auc_roc, way.bootstrap.auc_of_paired}) {
      std::printf("  %s", report::IntervalText(interval).c_str());
    }
    std::printf("\n");
  }
}

/// The harmless videos of a folder of clips, looked at all along.
absl::StatusOr<OrdinaryFigures> WatchOrdinary(const std::string& folder,
                                              const std::vector<PosedClip>& clips,
                                              ClipPeople& found) {
  AW_ASSIGN_OR_RETURN(std::vector<ClipFile> files, clip_training::ListClips("ordinary", folder));
  files.erase(
      std::remove_if(files.begin(), files.end(),
                     [](const ClipFile& file) { return !clip_training::IsHarmless(file.actions); }),
      files.end());
  std::vector<pose_fighting::OrdinaryVideo> videos;
  AW_RETURN_IF_ERROR(found.ForEach(files, [&](const auto& file, auto frames, const auto& people) {
    videos.push_back(pose_fighting::CutVideo(file, frames, people));
    return absl::OkStatus();
  }));
  return pose_fighting::CountFalseAlarms(clips, videos);
}

void PrintOrdinary(const OrdinaryFigures& figures) {
  const double minutes = absl::ToDoubleMinutes(figures.length);
  std::printf("\n%d videos without a fight, %.1f minutes, %d looks of two seconds\n",
              figures.videos, minutes, figures.looks);
  std::printf("%-26s %-15s %-15s %s\n", "judged by", "looks from 0.5", "false alarms", "an hour");
  for (const pose_fighting::FalseAlarms& way : figures.ways) {
    std::printf("%-26s %-15d %-15d %.0f\n", way.name.c_str(), way.looks, way.alarms,
                minutes > 0 ? way.alarms * 60 / minutes : 0);
  }
}

absl::Status PrintAndWrite(const FightingFlags& flags, const CrossValidation& result,
                           const std::optional<OrdinaryFigures>& ordinary = std::nullopt) {
  PrintFigures(result);
  if (ordinary) PrintOrdinary(*ordinary);
  if (flags.json.empty()) return absl::OkStatus();
  nlohmann::json json = pose_fighting::CrossValidationToJson(result);
  if (ordinary) json["ordinary"] = pose_fighting::OrdinaryFiguresToJson(*ordinary);
  return WriteFileAtomically(flags.json, json.dump(2) + "\n");
}

absl::Status EvaluateFighting(const FightingFlags& flags, const CommandContext& context) {
  if (!flags.report.empty()) AW_RETURN_IF_ERROR(report::PrepareReportFolder(flags.report));
  AW_ASSIGN_OR_RETURN(const std::vector<ClipFile> files, ListFights(flags.dataset));
  AW_ASSIGN_OR_RETURN(const auto found,
                      ClipPeople::Create(flags.shared, context.bin_dir, {"pose"}));
  pose_fighting::FightingReport report;
  report.dataset = flags.dataset;
  AW_ASSIGN_OR_RETURN(report.clips, FollowClips(files, *found));
  AW_ASSIGN_OR_RETURN(report.result, pose_fighting::CrossValidate(report.clips, flags.folds));
  std::optional<OrdinaryFigures> ordinary;
  if (!flags.ordinary.empty()) {
    AW_ASSIGN_OR_RETURN(ordinary, WatchOrdinary(flags.ordinary, report.clips, *found));
  }
  AW_RETURN_IF_ERROR(PrintAndWrite(flags, report.result, ordinary));
  if (flags.report.empty()) return absl::OkStatus();
  AW_RETURN_IF_ERROR(AddPictures(files, *found, report));
  const ModelInfo shipped = {std::string(kDefaultFightingModel), ""};
  return report::WriteReport(
      flags.report,
      pose_fighting::FightingPage(report, MakeProvenance(context, found->repository(), shipped)));
}

absl::Status FitAndSave(const FightingFlags& flags, const std::string& bin_dir) {
  AW_ASSIGN_OR_RETURN(const ModelInfo info, ModelInfoOfFolder(flags.out));
  AW_ASSIGN_OR_RETURN(const std::vector<ClipFile> files, ListFights(flags.dataset));
  AW_ASSIGN_OR_RETURN(const auto found, ClipPeople::Create(flags.shared, bin_dir, {"pose"}));
  AW_ASSIGN_OR_RETURN(const std::vector<PosedClip> clips, FollowClips(files, *found));
  std::vector<const PosedClip*> all;
  for (const PosedClip& clip : clips) all.push_back(&clip);
  AW_ASSIGN_OR_RETURN(const pose_fighting::Logistic model, pose_fighting::FitFighting(all));
  AW_ASSIGN_OR_RETURN(const CrossValidation result,
                      pose_fighting::CrossValidate(clips, flags.folds));

  ModelManifest manifest;
  manifest.info = info;
  manifest.role = ModelRole::kFighting;
  manifest.architecture = std::string(pose_fighting::kArchitecture);
  manifest.input.size = {static_cast<int64_t>(pose_fighting::kPairFeatureCount)};
  manifest.licence = "Apache-2.0";
  manifest.training.data = absl::StrCat("a folder of clips per class, ", clips.size(),
                                        " clips; metrics by cross-validation on the same clips");
  if (!flags.data_note.empty()) absl::StrAppend(&manifest.training.data, "; ", flags.data_note);
  manifest.training.seed = 0;  // Nothing is drawn: whatever the seed, the model is the same.
  manifest.training.command =
      absl::StrCat("aislewatch models train fighting --dataset DIR --out NAME/VERSION --folds ",
                   flags.folds, " --pose-model ", flags.shared.pose_model);
  for (const pose_fighting::JudgedWay& way : result.ways) {
    if (way.name != "poses" && way.name != "pairs") continue;
    manifest.metrics[way.name + "_accuracy"] = way.accuracy.mean;
    manifest.metrics[way.name + "_f1"] = way.f1.mean;
    manifest.metrics[way.name + "_auc_roc"] = way.auc_roc.mean;
    manifest.metrics[way.name + "_auc_roc_of_paired"] = way.auc_of_paired;
  }
  std::error_code error;
  std::filesystem::create_directories(flags.out, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat(flags.out, ": cannot be made: ", error.message()));
  }
  AW_RETURN_IF_ERROR(pose_fighting::SaveLogistic(model, flags.out));
  AW_RETURN_IF_ERROR(WriteManifest(flags.out, std::move(manifest)));
  for (size_t f = 0; f < pose_fighting::kPairFeatureCount; ++f) {
    std::printf("%-16s %+.2f\n", std::string(pose_fighting::kPairFeatures[f].name).c_str(),
                model.weight[f]);
  }
  std::printf("wrote %s\n", flags.out.c_str());
  return PrintAndWrite(flags, result);
}

void AddFightingFlags(CLI::App& command, FightingFlags& flags) {
  command
      .add_option("--dataset", flags.dataset,
                  "Folder with the folders fight and normal, each full of clips whose file names "
                  "give their order")
      ->required();
  command.add_option("--folds", flags.folds, "Blocks of neighbouring clips to cross-validate with")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  command.add_option("--json", flags.json, "Write the figures to this file");
  AddClipClusterFlags(command, flags.shared);
}

}  // namespace

void AddTrainFightingCommand(CLI::App& train, CommandContext& context) {
  auto flags = std::make_shared<FightingFlags>();
  CLI::App* command = train.add_subcommand(
      "fighting", "Fits what tells a fight by the poses of two people to recorded clips");
  command->footer(
      "Example:\n  aislewatch models train fighting --dataset data/fights --out "
      "build/models/pose-fighting/2");
  command->add_option("--out", flags->out, "Folder NAME/VERSION for the model")->required();
  AddFightingFlags(*command, *flags);
  command->add_option("--data-note", flags->data_note,
                      "What the clips are and their licence, for the manifest");
  command->callback([&context, flags] {
    context.run = [&context, flags] { return FitAndSave(*flags, context.bin_dir); };
  });
}

void AddEvaluateFightingCommand(CLI::App& evaluate, CommandContext& context) {
  auto flags = std::make_shared<FightingFlags>();
  CLI::App* command = evaluate.add_subcommand("fighting",
                                              "Measures by cross-validation how well fights are "
                                              "told by poses, by the movement of the picture, "
                                              "and by what knows of neither");
  command->footer(
      "Example:\n  aislewatch models evaluate fighting --dataset data/fights --folds 5 --json "
      "figures.json\n      --report build/reports/fighting");
  AddFightingFlags(*command, *flags);
  command->add_option("--report", flags->report,
                      "Write a page with curves, folds and the worst mistakes to this folder");
  command->add_option(
      "--ordinary", flags->ordinary,
      "Folder with a folder normal full of videos without a fight: how often they are "
      "taken for one, in the first two minutes of each");
  command->callback([&context, flags] {
    context.run = [&context, flags] { return EvaluateFighting(*flags, context); };
  });
}

}  // namespace aislewatch
